import { promisify } from "node:util";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompress, constants } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

// What the first page may weigh, compressed: the entry, what it imports, its styles and the home page.
const FIRST_LOAD_BYTES = 650_000;
const HOME = "src/pages/home.tsx";

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
  isEntry?: boolean;
}

// Compresses each file beside itself, and adds up what a browser loads before it can show the first page.
function compress(): Plugin {
  let folder = "";
  return {
    name: "compress",
    apply: "build",
    writeBundle(options) {
      folder = options.dir ?? "";
    },
    async closeBundle() {
      const sizes = new Map<string, number>();
      const press = promisify(brotliCompress);
      const files = (await readdir(folder)).filter((name) => /\.(js|css|svg|png|woff2)$/.test(name));
      await Promise.all(
        files.map(async (name) => {
          const bytes = await readFile(join(folder, name));
          const pressed = await press(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_LGWIN]: 22 } });
          sizes.set(name, pressed.length);
          await writeFile(join(folder, `${name}.br`), pressed);
        }),
      );
      const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Record<string, Chunk>;
      const wanted = new Set<string>();
      const take = (chunk: Chunk | undefined): void => {
        if (!chunk || wanted.has(chunk.file)) return;
        wanted.add(chunk.file);
        chunk.css?.forEach((name) => wanted.add(name));
        chunk.imports?.forEach((name) => take(manifest[name]));
      };
      take(Object.values(manifest).find((chunk) => chunk.isEntry));
      if (!manifest[HOME]) throw new Error(`no ${HOME} in the manifest`);
      take(manifest[HOME]);
      const first = [...wanted].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
      const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      await writeFile(join(folder, "size.json"), JSON.stringify({ first_load: first, all, limit: FIRST_LOAD_BYTES }));
      console.log(`first load ${(first / 1000).toFixed(0)} kB, everything ${(all / 1000).toFixed(0)} kB (brotli)`);
      if (first > FIRST_LOAD_BYTES) throw new Error(`the first load is ${first} bytes, at most ${FIRST_LOAD_BYTES}`);
    },
  };
}

// LICENSES.txt: of every package that has code in the bundle. It goes along where the program is handed out.
function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const packages = new Map<string, string>();
      for (const item of Object.values(bundle)) {
        for (const id of item.type === "chunk" ? item.moduleIds : []) {
          const found = /^\0?(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(id);
          if (found?.[1] && found[2]) packages.set(found[2], found[1]);
        }
      }
      const texts = [...packages].sort().map(([name, folder]) => {
        const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : ""}\n`;
      });
      this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: texts.join("\n----\n\n") });
    },
  };
}

export default defineConfig({
  base: "/_console/assets/",
  esbuild: { jsx: "automatic", legalComments: "none" },
  plugins: [licences(), compress()],
  build: {
    assetsDir: "",
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: "src/main.tsx",
      // The components mark themselves for servers that render; there is none.
      onwarn: (warning, warn) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)),
    },
  },
});
