/** Where the floor is kept between starts. All of it may be thrown away and pulled again. */

import { NO_PLACES } from "./floor.js";

/**
 * @typedef {import("./floor.js").Floor} Floor
 * @typedef {import("./floor.js").Places} Places
 * @typedef {{floor: Floor | null, places: Places, synced_at: number | null}} Picture
 */

/** @type {Picture} */
export const NO_PICTURE = Object.freeze({ floor: null, places: NO_PLACES, synced_at: null });

/**
 * @param {import("./env.js").Env} env
 * @param {import("./db.js").Store | null} store null = memory only
 */
export function makeCache(env, store) {
  let held = NO_PICTURE;

  /** @returns {Promise<Picture>} */
  async function read() {
    if (store === null) return held;
    try {
      const [floor, places] = await store.read(["parts"], (tx) =>
        Promise.all(["floor", "places"].map((name) => tx.objectStore("parts").get(name))),
      );
      held = {
        floor: floor ? floor.value : null,
        places: places ? places.value : NO_PLACES,
        synced_at: floor ? floor.synced_at : null,
      };
    } catch (error) {
      env.log("the cache is not readable", { error: String(error) });
    }
    return held;
  }

  /** @param {Picture} picture */
  async function write(picture) {
    const isOtherPlaces = held.places !== picture.places;
    held = picture;
    if (store === null) return;
    try {
      await store.write(["parts"], async (tx) => {
        const parts = tx.objectStore("parts");
        await parts.put({ name: "floor", value: picture.floor, synced_at: picture.synced_at });
        if (isOtherPlaces) await parts.put({ name: "places", value: picture.places });
      });
    } catch (error) {
      env.log("the cache is not writable", { error: String(error) });
    }
  }
  return { read, write };
}
