import t from 'tap'
import { mountsOf } from '../../../agent/rehearsal/mounts.ts'

const line = (point: string, type: string, options = 'rw', superOptions = 'rw') =>
  `30 20 8:1 / ${point} ${options},relatime shared:1 - ${type} none ${superOptions}\n`

t.test('a copy has the file systems of its host, outer ones first', (t) => {
  const text = [
    line('/srv/deep/er', 'ext4'),
    line('/', 'ext4'),
    line('/proc', 'proc'),
    line('/proc/sys/fs/binfmt_misc', 'autofs'),
    line('/sys/fs/cgroup', 'cgroup2'),
    line('/dev/shm', 'tmpfs'),
    line('/run', 'tmpfs'),
    line('/device', 'ext4'),
    line('/run/netns/blue', 'nsfs'),
    line('/usr', 'ext4', 'ro'),
    line('/snap/core', 'squashfs', 'rw', 'ro'),
    line('/media/my\\040disk', 'vfat'),
    line('/srv', 'autofs'),
    line('/srv', 'nfs4'),
  ].join('')
  t.same(mountsOf(text), [
    { point: '/', type: 'ext4', isReadOnly: false },
    { point: '/run', type: 'tmpfs', isReadOnly: false },
    { point: '/device', type: 'ext4', isReadOnly: false },
    { point: '/usr', type: 'ext4', isReadOnly: true },
    { point: '/srv', type: 'nfs4', isReadOnly: false },
    { point: '/snap/core', type: 'squashfs', isReadOnly: true },
    { point: '/media/my disk', type: 'vfat', isReadOnly: false },
    { point: '/srv/deep/er', type: 'ext4', isReadOnly: false },
  ])
  t.end()
})
