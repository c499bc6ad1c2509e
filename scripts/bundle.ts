import { chmodSync, copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Makes `dist/bundle/` of what `tsc` has compiled: one file to start from, and parts that are loaded when needed. */

const OUT = 'dist/bundle'
const require = createRequire(import.meta.url)

/** A dynamic import of CommonJS has names under Node and none in a bundle, so they are given back here. */
const namedExports: Plugin = {
  name: 'named-exports',
  setup(bundler) {
    bundler.onResolve({ filter: /^(minijinja-js|yaml)$/ }, ({ path, namespace }) =>
      namespace === 'named' ? null : { path, namespace: 'named' },
    )
    bundler.onLoad({ filter: /.*/, namespace: 'named' }, ({ path }) => {
      const names = Object.keys(require(path)).filter((name) => !name.startsWith('__'))
      return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)}`, resolveDir: '.' }
    })
  },
}

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
await build({
  entryPoints: {
    drover: 'dist/cli/main.js',
    'rehearsal-process': 'dist/agent/rehearsal/rehearsal-process.js',
    'hardware-worker': 'dist/agent/hardware-worker.js',
    'compile-worker': 'dist/master/compile/compile-worker.js',
    'store-thread': 'dist/master/store/store-thread.js',
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  chunkNames: 'part-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  // What CommonJS packages expect of the world.
  define: { __dirname: 'import.meta.dirname' },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  legalComments: 'linked',
  plugins: [namedExports],
  logLevel: 'warning',
})
chmodSync(join(OUT, 'drover.js'), 0o755)

// minijinja looks for its bytes beside the file that it is in.
const minijinja = dirname(require.resolve('minijinja-js'))
copyFileSync(join(minijinja, 'minijinja_js_bg.wasm'), join(OUT, 'minijinja_js_bg.wasm'))
// The native part of SQLite, where master/store/sqlite.ts looks for it.
const sqlite = dirname(require.resolve('better-sqlite3/package.json'))
copyFileSync(join(sqlite, 'build/Release/better_sqlite3.node'), join(OUT, 'better_sqlite3.node'))

process.stderr.write(`${OUT}/drover.js: ${statSync(join(OUT, 'drover.js')).size} bytes\n`)
