// Writes a .br and a .gz beside each text file of dist, so that the server compresses nothing while it runs, and fails
// where a first load has more compressed script than we promise.
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url).pathname
const budget_kb = 250

const gzip_bytes = new Map()
for (const name of readdirSync(dist, { recursive: true }).map(String)) {
  const path = join(dist, name)
  if (!statSync(path).isFile() || !/\.(js|css|html|svg)$/.test(name)) continue
  const body = readFileSync(path)
  const gzip = gzipSync(body, { level: 9 })
  gzip_bytes.set(name, gzip.length)
  if (body.length < 1024) continue
  writeFileSync(`${path}.gz`, gzip)
  writeFileSync(`${path}.br`, brotliCompressSync(body))
}

// A first load is the entry, one page, and all that the two import.
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
rmSync(join(dist, '.vite'), { recursive: true })
const needed = (key, found = new Set()) => {
  if (found.has(key)) return found
  found.add(key)
  for (const imported of manifest[key].imports ?? []) needed(imported, found)
  return found
}
const entry = needed('index.html')
let most_kb = 0
for (const key of Object.keys(manifest).filter((key) => /^src\/pages\/[^/]+\/index\.tsx$/.test(key))) {
  const files = [...new Set([...entry, ...needed(key)])].map((key) => manifest[key].file)
  const kb = files.reduce((sum, file) => sum + (gzip_bytes.get(file) ?? 0), 0) / 1000
  most_kb = Math.max(most_kb, kb)
  console.log(`${kb.toFixed(0).padStart(5)} kB of compressed script to see ${key.split('/')[2]}`)
}
if (most_kb > budget_kb) {
  console.error(`error: more than ${budget_kb} kB`)
  process.exit(1)
}

// What cargo watches (examples/portal/build.rs): a new page is a new binary.
utimesSync(new URL('../index.html', import.meta.url), new Date(), new Date())
