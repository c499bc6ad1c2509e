import * as v from 'valibot'
import { editHosts, GUARDED, type HostsEntry, lower, normalAddress, readHosts } from '../lib/hosts-file.ts'
import { Address, HostName, Line } from '../lib/names.ts'
import { absent, backup } from '../lib/paths.ts'
import { putBack, uneditedFile } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import { rewrite, textOf } from '../lib/text.ts'

/**
 * A name in /etc/hosts: its addresses, and the other names of the same host.
 *
 * The entry is every line that begins with the name: one for each address, so IPv4 and IPv6 go together. A second line
 * for one address is removed, and so is the name where it stands as another host's alias: a resolver would answer with
 * that line too. Other entries, comments and their order stay. `localhost` and the `ip6-` names belong to the host
 * itself and can't be declared.
 */
export const hostsEntry = defineState({
  type: 'hosts-entry',
  name: v.pipe(HostName, v.check(isFree, 'localhost and the ip6- names belong to the host itself')),

  props: v.pipe(
    v.strictObject({
      address: v.optional(
        v.pipe(
          v.union(
            [Address, v.array(Address)],
            'an address is of IPv4 or IPv6, such as "192.0.2.1" or "2001:db8::1"',
          ),
          v.description('An address of IPv4 or IPv6, or a list of them. Required unless `absent`.'),
        ),
        [],
      ),
      aliases: v.optional(
        v.nullable(
          v.pipe(
            v.array(v.pipe(HostName, v.check(isFree, 'localhost and the ip6- names are no aliases'))),
            v.description('The other names of the host, in any order.'),
          ),
        ),
        [],
      ),
      comment: v.optional(
        v.nullable(
          v.pipe(
            Line,
            v.check(
              (text) => !text.includes('#') && text.trim() === text,
              'a comment holds no "#" and no blanks around it',
            ),
            v.description('What stands behind a "#" on the same line.'),
          ),
        ),
        null,
      ),
      backup,
      absent,
    }),
    v.check(({ address, absent }) => absent || [address].flat().length > 0, 'a hosts-entry needs "address"'),
  ),

  fields: v.strictObject({
    addresses: v.array(v.string()),
    aliases: v.array(v.string()),
    comment: v.nullable(v.string()),
    /** Lines of other names that have this one as an alias. */
    elsewhere: v.array(v.string()),
    content: v.string(),
  }),

  sets: ['aliases'],

  desired(_name, { absent, address, aliases, comment }) {
    if (absent) return null
    return {
      addresses: [...new Set([address].flat().map(normalAddress))].sort(),
      ...(aliases !== null && { aliases: [...new Set(aliases.map(lower))].sort() }),
      ...(comment !== null && { comment }),
      elsewhere: [],
    }
  },

  async read(name, { absent }, host) {
    const content = (await textOf(HOSTS, host)) ?? ''
    const { own, ...entry } = readHosts(content, lower(name))
    return absent && own === 0 && entry.elsewhere.length === 0 ? null : { ...entry, content }
  },

  steps(name, props, _changes, current) {
    const content = edited(current?.content ?? '', name, props)
    return [rewrite(HOSTS, content, { backup: current?.content ? props.backup : null })]
  },

  watches: () => [{ path: HOSTS }],

  requires: () => [`file:${HOSTS}`],

  async restore(name, props, former) {
    const whole = await uneditedFile(HOSTS, (before) => edited(before, name, props), former)
    if (whole !== null) return putBack(whole)
    const { addresses: address = [], aliases = null, comment = null } = former.fields ?? {}
    const gone = address.length === 0
    return putBack({
      type: 'hosts-entry',
      name,
      props: gone ? { absent: true } : { address, aliases, comment },
    })
  },

  sharesPaths: true,

  examples: [
    `hosts-entry: db1.example.org
address: [192.0.2.11, "2001:db8::11"]
aliases: [db1]`,
    `hosts-entry: old.example.org
absent: true`,
  ],
})

const HOSTS = '/etc/hosts'

type Props = Pick<HostsEntry, 'aliases' | 'comment'> & {
  readonly address: string | readonly string[]
  readonly absent: boolean
}

function edited(content: string, name: string, { address, absent, aliases, comment }: Props): string {
  return editHosts(content, { name, addresses: absent ? [] : [address].flat(), aliases, comment })
}

function isFree(name: string): boolean {
  return !GUARDED.test(name)
}
