// Makes static/nlds/portal.css: the design tokens that are really used, the components, then our own style.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transform } from "lightningcss";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const components = Object.keys(dependencies).filter((name) => name.startsWith("@utrecht/")).sort();
const css = components.map((name) => readFileSync(`node_modules/${name}/dist/index.css`, "utf8"));
const theme = readFileSync("node_modules/@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css", "utf8");
const own = readFileSync("portal.css", "utf8");

const tokens = new Map([...theme.matchAll(/^\s*(--[\w-]+):\s*(.+?);/gm)].map(([, name, value]) => [name, value]));
const names = (text) => [...text.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
const used = new Set();
const queue = names([...css, own].join("\n"));
while (queue.length) {
  const name = queue.pop();
  if (used.has(name) || !tokens.has(name)) continue;
  used.add(name);
  queue.push(...names(tokens.get(name)));
}
const root = [...used].sort().map((name) => `${name}:${tokens.get(name)};`).join("\n");
const { code } = transform({
  filename: "portal.css",
  code: Buffer.from([`:root{${root}}`, ...css, own].join("\n")),
  minify: true,
  targets: { chrome: 110 << 16, firefox: 110 << 16, safari: 16 << 16 },
});
mkdirSync("../static/nlds", { recursive: true });
writeFileSync("../static/nlds/portal.css", code);
console.log(`${components.length} components, ${used.size} tokens, ${gzipSync(code).length} bytes gzip`);
