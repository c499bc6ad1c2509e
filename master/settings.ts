/** What a master is told: /etc/drover/master.yaml and the flags of `drover master`. */
export type MasterSettings = {
  /** A folder, or a git repository with its branch. */
  readonly site: { readonly folder: string } | { readonly git: string; readonly branch: string }
  /** Where it keeps everything that it must not lose. */
  readonly state: string
  /** The names and addresses by which agents reach it; they stand in its certificate and in join strings. */
  readonly names: readonly string[]
  /** `address:port`; port 0 is any that is free. */
  readonly listen: string
  readonly enrollment: string
  readonly http: string
  /** The socket of the machine's administrators. */
  readonly socket: string
}
