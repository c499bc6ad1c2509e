/** Of /etc/drover/agent.yaml and the flags of `drover agent`. */
export type AgentSettings = {
  /** Where the agent keeps its identity, catalog, journal and reports; shared with `drover local`. */
  readonly stateDir: string
  /** `host:port` of the master; `null`: those that it named when this host joined. */
  readonly servers: readonly string[] | null
}
