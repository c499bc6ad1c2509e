import type { Host } from '../bed/host.ts'

/** A small package for a test. Scripts are lines of sh. */
export type Deb = {
  readonly name: string
  readonly version: string
  /** More fields, such as `Depends: beta`. */
  readonly control?: string
  readonly files?: Readonly<Record<string, string>>
  readonly conffiles?: readonly string[]
  readonly preinst?: string
  readonly postinst?: string
  readonly prerm?: string
  readonly postrm?: string
  /** A line of its file of triggers, such as `interest /usr/share/x`. */
  readonly triggers?: string
}

const REPOSITORY = '/srv/repository'

/** Puts packages into the repository of a host, beside those that are in it. Its index is for apt to fetch. */
export async function publish(host: Host, ...debs: Deb[]): Promise<void> {
  for (const deb of debs) await build(host, deb)
  await host.must(['sh', '-ec', INDEX, 'index', REPOSITORY])
}

/** Makes that repository the only source of packages, so that apt has little to think about. */
export async function isolate(host: Host, ...debs: Deb[]): Promise<void> {
  await publish(host, ...debs)
  await host.must(['sh', '-c', 'rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*'])
  await host.write('/etc/apt/sources.list.d/local.list', `deb [trusted=yes] file:${REPOSITORY} ./\n`)
  await host.must(['apt-get', 'update'])
}

async function build(host: Host, deb: Deb) {
  const { name, version, control, files = {}, conffiles } = deb
  const folder = `/tmp/${name}-${version}`
  const lines = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Test <test@example.org>',
    ...(control === undefined ? [] : [control]),
    'Description: for a test',
  ]
  await host.write(`${folder}/DEBIAN/control`, `${lines.join('\n')}\n`)
  for (const [path, text] of Object.entries(files)) await host.write(`${folder}${path}`, text)
  if (conffiles) await host.write(`${folder}/DEBIAN/conffiles`, `${conffiles.join('\n')}\n`)
  if (deb.triggers) await host.write(`${folder}/DEBIAN/triggers`, `${deb.triggers}\n`)
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm'] as const)
    if (deb[script])
      await host.write(`${folder}/DEBIAN/${script}`, `#!/bin/sh\nset -e\n${deb[script]}\n`, { mode: '0755' })
  await host.must(['mkdir', '-p', REPOSITORY])
  await host.must(['dpkg-deb', '--root-owner-group', '--build', folder, REPOSITORY])
}

const INDEX = `
cd "$1"
for deb in *.deb; do
  dpkg-deb --field "$deb"
  echo "Filename: ./$deb"
  echo "Size: $(stat -c %s "$deb")"
  echo "SHA256: $(sha256sum "$deb" | cut -d' ' -f1)"
  echo
done > Packages
`
