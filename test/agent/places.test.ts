import t from 'tap'
import { parse } from 'valibot'
import { placesOf } from '../../agent/places.ts'
import { states } from '../../states/index.ts'
import { resource } from '../helpers/fake-host.ts'

const declared = (id: `${string}:${string}`, props: Record<string, unknown>) => {
  const state = states.get(id.slice(0, id.indexOf(':')))
  return resource(id, state === undefined ? {} : (parse(state.props, props) as Record<string, unknown>))
}

t.test('what is heard, what is polled, and what is left to the sweep', async (t) => {
  const resources = [
    declared('link:/etc/a', { to: '/b' }),
    declared('directory:/srv', { purge: true }),
    declared('service:a.service', {}),
    declared('sysctl:vm.swappiness', { value: 1 }),
    declared('sysctl:vm.overcommit_memory', { value: 1, live: false }),
    declared('command:/bin/a', {}),
    declared('command:/bin/b', { creates: '/b' }),
  ]
  const { types, polled, paths, inside, units } = placesOf({ resources }, states)
  t.same(Object.fromEntries(types), {
    link: { heard: 1, polled: 0, swept: 0 },
    directory: { heard: 1, polled: 0, swept: 0 },
    service: { heard: 1, polled: 0, swept: 0 },
    sysctl: { heard: 1, polled: 1, swept: 0 },
    command: { heard: 1, polled: 0, swept: 1 },
  })
  t.same([...polled], [['/proc/sys/vm/swappiness', ['sysctl:vm.swappiness']]])
  t.notOk([...paths.keys()].some((path) => path.startsWith('/proc')))
  t.same([...inside.keys()], ['/srv', '/etc/systemd/system/a.service.d'])
  t.same([...units.keys()], ['a.service'])
})
