import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import protobuf from 'protobufjs'

const OUT = 'proto/gen'
const FILES = ['agent', 'enrollment', 'operator'].map((name) => `drover/v1/${name}.proto`)

/** What is made of the proto files: one descriptor that programs load, and the types of their messages. */
export function protoFiles(): Map<string, string> {
  return new Map([[`${OUT}/descriptor.json`, descriptor()], ...types()])
}

function descriptor(): string {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => join('proto', target)
  root.loadSync(FILES, { keepCase: true })
  return `${JSON.stringify(root.toJSON(), null, 1)}\n`
}

function types(): [string, string][] {
  const dir = mkdtempSync(join(tmpdir(), 'drover-proto-'))
  try {
    const how = ['--keepCase', '--longs=Number', '--enums=String', '--defaults', '--arrays', '--oneofs']
    execFileSync('node_modules/.bin/proto-loader-gen-types', [
      ...how,
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.ts',
      '--includeDirs=proto',
      `--outDir=${dir}`,
      ...FILES,
    ])
    const found = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const paths = found.map(({ parentPath, name }) => join(parentPath, name)).sort()
    return paths.map((path) => [join(OUT, relative(dir, path)), readFileSync(path, 'utf8')])
  } finally {
    rmSync(dir, { recursive: true })
  }
}
