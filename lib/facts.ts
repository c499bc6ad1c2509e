/**
 * What a host is, for roles to read. Only what stays the same from run to run: a load or a free size would make
 * another catalog each time.
 */
export type Facts = {
  readonly hostname: string
  readonly fqdn: string
  /** As dpkg calls it, such as `amd64`. */
  readonly architecture: string
  readonly os: {
    readonly id: string
    /** What it is like: `debian` on Debian and on what derives from it. */
    readonly family: string
    readonly name: string
    readonly codename: string
    /** `12`. */
    readonly version: string
    /** `12.11`, where the distribution says so. */
    readonly release: string
  }
  /** `6.1.0-28-amd64` and `6.1`. */
  readonly kernel: { readonly release: string; readonly version: string }
  readonly init: 'systemd' | 'other'
  readonly cpu: { readonly count: number; readonly model: string }
  readonly memory: { readonly total_mb: number; readonly swap_mb: number }
  readonly virtualisation: {
    /** `none`, `kvm`, `qemu`, `vmware`, `virtualbox`, `hyperv`, `xen`, `lxc`, `systemd-nspawn`, `docker`, … */
    readonly kind: string
    readonly container: boolean
  }
  readonly network: {
    readonly interfaces: Readonly<Record<string, InterfaceFacts>>
    /** All of the interfaces together, without loopback and link-local ones. */
    readonly ipv4: readonly string[]
    readonly ipv6: readonly string[]
    /** Of IPv4. */
    readonly default_route: { readonly interface: string; readonly gateway: string } | null
  }
  readonly timezone: string
  /** Gathered only where it is asked for: by agents, and for sites that mention it. */
  readonly hardware?: HardwareFacts
}

/** Texts are empty where the machine does not say, as most virtual ones. */
export type HardwareFacts = {
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly uuid: string
  /** `Rack Mount Chassis`, `Notebook`, … */
  readonly chassis: string
  readonly board: { readonly manufacturer: string; readonly model: string }
  readonly firmware: { readonly vendor: string; readonly version: string }
  /** Cores that are no threads of others. */
  readonly cpu: { readonly manufacturer: string; readonly cores: number; readonly sockets: number }
  /** By name, such as `sda`. */
  readonly disks: Readonly<
    Record<
      string,
      {
        readonly size_mb: number
        /** `hdd`, `ssd`, `nvme`. */
        readonly kind: string
        readonly model: string
        readonly removable: boolean
      }
    >
  >
  /** By where they are mounted; those of memory and of containers are left out. */
  readonly filesystems: Readonly<
    Record<string, { readonly device: string; readonly type: string; readonly size_mb: number }>
  >
  /** `wired`, `wireless` or `virtual`. */
  readonly interfaces: Readonly<Record<string, { readonly kind: string }>>
}

export type InterfaceFacts = {
  readonly mac: string
  readonly mtu: number
  /** With their prefix, such as `192.0.2.11/24`. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}
