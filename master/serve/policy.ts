import type { AgentHandlers } from '../../proto/gen/drover/v1/Agent.ts'
import type { EnrollmentHandlers } from '../../proto/gen/drover/v1/Enrollment.ts'
import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import { type Caller, OPERATOR_ROLES, type OperatorRole } from './caller.ts'

/** Where calls come in: mutual TLS; TLS of the server alone; the socket of the machine's administrators. */
export type Listener = 'main' | 'enrollment' | 'local'

/** Who may make a call: an agent for itself, anyone, or operators from a role upwards. */
export type Who = 'agent' | 'anyone' | OperatorRole

export type Rule = {
  readonly listeners: readonly Listener[]
  readonly who: Who
  /** It changes something or hands everything out, so it leaves an audit row, refused or not. */
  readonly audited: boolean
  /** The longest that one call may take, in milliseconds; `null`: as long as both sides like. */
  readonly deadlineMs: number | null
  /** Calls of one caller: so many at once, and so many a minute. */
  readonly burst: number
  readonly perMinute: number
}

/** The methods that a service has, without what grpc allows besides. */
export type Methods<Handlers> = keyof {
  [Name in keyof Handlers as string extends Name ? never : number extends Name ? never : Name]: true
}

export type Policy = {
  readonly Agent: Readonly<Record<Methods<AgentHandlers>, Rule>>
  readonly Enrollment: Readonly<Record<Methods<EnrollmentHandlers>, Rule>>
  readonly Operator: Readonly<Record<Methods<OperatorHandlers>, Rule>>
}

const SECOND = 1000
const MINUTE = 60 * SECOND

const agent = (burst: number, perMinute: number, deadlineMs: number | null = MINUTE): Rule => {
  return { listeners: ['main'], who: 'agent', audited: false, deadlineMs, burst, perMinute }
}
const operator = (who: OperatorRole, audited = false, deadlineMs: number | null = MINUTE): Rule => {
  return { listeners: ['main', 'local'], who, audited, deadlineMs, burst: 200, perMinute: 1200 }
}

/** The rule of every method. One without a rule does not compile. */
export const POLICY: Policy = {
  Agent: {
    Follow: agent(10, 20, null),
    GetCatalog: agent(20, 60),
    // A host's first catalog may name thousands of files.
    GetBlob: agent(5000, 6000),
    PutFacts: agent(6, 12),
    // A spool that has grown while the master was away is delivered at one go.
    PutReport: agent(300, 600),
    // Each was asked for by an operator.
    PutRehearsal: agent(20, 30),
    Renew: agent(6, 0.1),
  },
  Enrollment: {
    Join: {
      listeners: ['enrollment'],
      who: 'anyone',
      audited: false,
      deadlineMs: 20 * SECOND,
      burst: 20,
      perMinute: 60,
    },
  },
  Operator: {
    ListHosts: operator('viewer'),
    GetHost: operator('viewer'),
    GetFacts: operator('viewer'),
    GetCompiled: operator('viewer'),
    ListRuns: operator('viewer'),
    GetRun: operator('viewer'),
    ListDrift: operator('viewer'),
    GetPast: operator('viewer'),
    CompareCatalogs: operator('viewer'),
    Blame: operator('viewer'),
    ListOwned: operator('viewer'),
    ListQuarantine: operator('viewer'),
    ListChanges: operator('viewer'),
    ListOperators: operator('viewer'),
    Diagnose: operator('viewer'),
    ListAudit: operator('admin'),
    Run: operator('deployer', true, null),
    Undo: operator('deployer', true, null),
    // It changes nothing, and makes the host work as hard as an apply does.
    Rehearse: operator('deployer', true, null),
    Assign: operator('deployer', true),
    Unassign: operator('deployer', true),
    ReleaseClaim: operator('deployer', true),
    BringBack: operator('deployer', true),
    Pause: operator('deployer', true),
    Resume: operator('deployer', true),
    Invite: operator('admin', true),
    Revoke: operator('admin', true),
    AddOperator: operator('admin', true),
    RemoveOperator: operator('admin', true),
    Backup: operator('admin', true, 30 * MINUTE),
  },
}

/** Whether a rule lets a caller in. */
export function allows(rule: Rule, caller: Caller): boolean {
  if (rule.who === 'anyone') return true
  if (rule.who === 'agent') return caller.kind === 'agent'
  if (caller.kind === 'local') return true
  return caller.kind === 'operator' && rank(caller.role) >= rank(rule.who)
}

const rank = (role: OperatorRole) => OPERATOR_ROLES.indexOf(role)
