/** The types of `preact.js`, name by name as `tools/vendor.mjs` exports them. Read by the type checker only. */
import type { VNode } from "preact";

export { Component, Fragment, cloneElement, createContext, createRef, h, render } from "preact";
export {
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "preact/hooks";
export {
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
export { openDB, deleteDB, unwrap } from "idb";
export type { ComponentChildren, ComponentType, JSX, RefObject, VNode } from "preact";
export type { ReadonlySignal, Signal } from "@preact/signals";
export type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";

/** htm: a template without exactly one root gives an array or nothing, which no room of ours returns. */
export declare function html(strings: TemplateStringsArray, ...values: any[]): VNode<any>;
