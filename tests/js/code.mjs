// Runs qr/vectors/codes.json through the JavaScript twin; prints one JSON line: how many ran, and what differed.
// With a file name as argument it answers that file's texts instead: [[text, typed], …] → [answer, …].
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const source = readFileSync(join(root, 'pwa', 'src', 'scan', 'code.js'), 'utf8');
// Imported from its text: the PWA's folder has no package.json that would call it a module.
const { make, read, KINDS, ALPHABET } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const tried = (job) => { try { return job(); } catch (why) { return { error: why.message }; } };

if (process.argv[2]) {
  const asked = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  console.log(JSON.stringify(asked.map(([text, typed]) => read(text, { typed }))));
} else {
  const vectors = JSON.parse(readFileSync(join(root, 'qr', 'vectors', 'codes.json'), 'utf8'));
  const wrong = [];
  const judge = (name, got, expect) => { if (!same(got, expect)) wrong.push({ name, got, expect }); };
  for (const v of vectors.read) judge(v.name, read(v.text, { typed: v.typed }), v.expect);
  for (const v of vectors.make) judge(v.code, tried(() => make(v.kind, v.body)), v.code);
  for (const v of vectors.make_refused) judge(v.kind + v.body, tried(() => make(v.kind, v.body)), { error: v.error });
  const ran = vectors.read.length + vectors.make.length + vectors.make_refused.length;
  console.log(JSON.stringify({ ran, wrong, kinds: KINDS, alphabet: ALPHABET }));
}
