/**
 * Programs that stand in for others in a rehearsal, by their path. The folder is that of `STAGE` in `stage.ts`.
 *
 * They are scripts of sh, since packages' own scripts call them some dozen times, and each start of Node takes longer
 * than all of that.
 */

/** What a command of a site or of a package may not do, however it is run. */
const WITHOUT = [
  ...['sys_admin', 'net_admin', 'net_raw', 'sys_module', 'sys_rawio', 'sys_time', 'sys_boot', 'sys_ptrace'],
  ...['mknod', 'syslog', 'mac_admin', 'mac_override', 'sys_pacct', 'linux_immutable', 'audit_control'],
]
const PLACE = '/run/drover-rehearsal'
const setpriv = (names: readonly string[]) => [
  'setpriv',
  `--bounding-set=${names.map((name) => `-${name}`).join(',')}`,
  '--',
]

/** What stands before every command: nobody to talk to, and no right to change more than files. */
export const CONFINED: readonly string[] = ['nsenter', `--net=${PLACE}/network`, '--', ...setpriv(WITHOUT)]

/** apt alone fetches packages, and hands them to a dpkg that is confined. */
export const CONNECTED: readonly string[] = setpriv(WITHOUT.filter((name) => name !== 'sys_admin'))

const DPKG = `#!/bin/sh
[ /proc/self/ns/net -ef ${PLACE}/network ] && exec dpkg "$@"
exec ${CONFINED.join(' ')} dpkg "$@"
`

// Verbs that work on files are systemctl's own; what it would tell systemd is written down.
const SYSTEMCTL = `#!/bin/sh
cd ${PLACE} || exit 1
asked() { echo "$(date +%s%3N) $1 $2" >> asked; }
full() { case $1 in *.*) echo "$1" ;; *) echo "$1.service" ;; esac; }
verb= units= now=
case \${0##*/} in systemctl) ;; runlevel) echo N 5; exit 0 ;; *) asked "\${0##*/}" ''; exit 0 ;; esac
for word; do
  case $word in
    --now) now=1 ;;
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else units="$units $(full "$word")"; fi ;;
  esac
done
told() {
  for unit in $units; do
    case $1 in
      stop) [ -e "units/$unit" ] || continue; rm -f "units/$unit" ;;
      try-*|cond*) [ -e "units/$unit" ] || continue ;;
      start) [ -e "units/$unit" ] && continue; : > "units/$unit" ;;
      *restart) : > "units/$unit" ;;
    esac
    asked "$1" "$unit"
  done
}
case $verb in
  start|stop|restart|reload|try-restart|condrestart|try-reload-or-restart|reload-or-restart|reload-or-try-restart|force-reload|kill|isolate)
    told "$verb" ;;
  is-active)
    for unit in $units; do
      [ -e "units/$unit" ] || { echo inactive; exit 3; }
      echo active
    done ;;
  is-failed) echo inactive; exit 1 ;;
  is-system-running) echo running ;;
  daemon-reload|daemon-reexec|reset-failed|set-property|import-environment|poweroff|reboot|halt|rescue|emergency)
    asked "$verb" '' ;;
  show|status|list-*|cat)
    echo "a rehearsal has no systemd that \\"systemctl $verb\\" could ask" >&2; exit 1 ;;
  *)
    SYSTEMD_OFFLINE=1 real/systemctl "$@" || exit
    [ -z "$now" ] && exit 0
    case $verb in enable|unmask) told start ;; disable|mask) told stop ;; esac ;;
esac
`

// What it would tell the kernel is kept, where drover declares it, or else written down.
const SYSCTL = `#!/bin/sh
sets=
for word; do case $word in -w|--write|-p*|--load*|--system|*=*) sets=1 ;; esac; done
[ -n "$sets" ] || exec ${PLACE}/real/sysctl "$@"
place=${PLACE}/settings/$(echo "\${word%%=*}" | tr / :)
[ -e "$place" ] && { echo "\${word#*=}" > "$place"; exit; }
echo "$(date +%s%3N) sysctl $*" >> ${PLACE}/asked
`

type Program = { readonly text: string; readonly mode: number; readonly isProgram: boolean }

export const PROGRAMS: Readonly<Record<string, Program>> = {
  '/usr/bin/systemctl': { text: SYSTEMCTL, mode: 0o755, isProgram: true },
  '/usr/sbin/sysctl': { text: SYSCTL, mode: 0o755, isProgram: true },
  '/etc/apt/apt.conf.d/zz-drover-rehearsal': {
    text: `Dir::Bin::dpkg "${PLACE}/dpkg";\n`,
    mode: 0o644,
    isProgram: false,
  },
  [`${PLACE}/dpkg`]: { text: DPKG, mode: 0o755, isProgram: false },
}
