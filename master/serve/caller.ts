/** What an operator may do; each role holds the ones before it. */
export const OPERATOR_ROLES = ['viewer', 'deployer', 'admin'] as const
export type OperatorRole = (typeof OPERATOR_ROLES)[number]

/** Who makes a call. Known from the certificate, or from the socket that only the machine's administrators may open. */
export type Caller =
  | { readonly kind: 'agent'; readonly id: string; readonly host: string }
  | { readonly kind: 'operator'; readonly name: string; readonly role: OperatorRole }
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'anonymous'; readonly address: string }

/** As it stands in an audit row and in the log. */
export function callerName(caller: Caller): string {
  if (caller.kind === 'agent') return caller.host
  return caller.kind === 'anonymous' ? caller.address : caller.name
}
