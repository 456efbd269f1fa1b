// Makes static/nlds: the design tokens that are really used, the NL Design System components, our own style, the font.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transform } from "lightningcss";
import subsetFont from "subset-font";

const read = (path) => readFileSync(path, "utf8");
const { components, classes, own, font: face } = JSON.parse(read("style.json"));
const names = (css) => [...css.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name);
const declared = (css) => [...css.matchAll(/^\s*(--[\w-]+):\s*(.+?);/gm)].map(([, name, value]) => [name, value]);

// `.utrecht-button` also answers to the short name that the pages write; what no page writes is left out.
let nlds = components.map((name) => read(`node_modules/@utrecht/${name}-css/dist/index.css`)).join("\n");
const unused = [...nlds.matchAll(/\.(utrecht-[\w-]+)/g)].map(([, name]) => name).filter((name) => !(name in classes));
for (const [name, short] of Object.entries(classes)) {
  if (short) nlds = nlds.replaceAll(new RegExp(`\\.${name}(?![\\w-])`, "g"), `:is(.${name},.${short})`);
}
nlds = transform({ filename: "nlds.css", code: Buffer.from(nlds), unusedSymbols: unused }).code.toString();

// A component's token that only points at another token gives way to that one: a theme sets the basis tokens.
const theme = read("node_modules/@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css");
const tokens = new Map([...declared(theme), ...declared(read("theme.css"))]);
const set = new Set([...nlds.matchAll(/(--utrecht-[\w-]+):/g)].map(([, name]) => name));
const end = (name) => {
  const [, next] = (name.startsWith("--utrecht-") && !set.has(name) && tokens.get(name)?.match(/^var\((--[\w-]+)\)$/)) || [];
  return next ? end(next) : name;
};
const css = (nlds + own.map(read).join("\n")).replace(/var\(\s*(--[\w-]+)/g, (_, name) => `var(${end(name)}`);
const used = new Set();
for (const queue = names(css); queue.length; ) {
  const name = queue.pop();
  if (used.has(name) || !tokens.has(name)) continue;
  used.add(name);
  queue.push(...names(tokens.get(name)));
}
const root = [...used].sort().map((name) => `${name}:${tokens.get(name)};`).join("");

const font = await subsetFont(readFileSync(`node_modules/${face}/files/figtree-latin-wght-normal.woff2`), read("letters.txt").trim(), {
  targetFormat: "woff2",
  variationAxes: { wght: { min: 400, max: 700 } },
  noLayoutClosure: true,
});
const mark = createHash("sha256").update(font).digest("hex").slice(0, 8);
const code = Buffer.from(`:root{${root}}${css}`.replace("figtree.woff2", `figtree.woff2?${mark}`));
const targets = { chrome: 110 << 16, firefox: 110 << 16, safari: 16 << 16 };
const notice = "/*! EUPL-1.2. Holds NL Design System components, (c) Frameless B.V. and Gemeente Utrecht. Font: Figtree, OFL-1.1. */\n";
const built = Buffer.concat([Buffer.from(notice), transform({ filename: "portal.css", code, minify: true, targets }).code]);
mkdirSync("../static/nlds", { recursive: true });
writeFileSync("../static/nlds/portal.css", built);
writeFileSync("../static/nlds/portal.css.gz", gzipSync(built, { level: 9 })); // sent to who can read it: WhiteNoise sees to that
writeFileSync("../static/nlds/figtree.woff2", font);
writeFileSync("../static/nlds/OFL.txt", read(`node_modules/${face}/LICENSE`));
console.log(`${used.size} tokens, style ${gzipSync(built).length} bytes gzip, font ${font.length} bytes`);
