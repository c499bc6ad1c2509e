import type { ServiceDefinition } from '@grpc/grpc-js'
import { agentService, enrollmentService, operatorService } from '../../proto/services.ts'
import { POLICY, type Rule } from './policy.ts'

export type Method = {
  /** "Operator" and "Assign". */
  readonly service: keyof typeof POLICY
  readonly name: string
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly rule: Rule
}

const SERVICES: Readonly<Record<keyof typeof POLICY, ServiceDefinition>> = {
  Agent: agentService,
  Enrollment: enrollmentService,
  Operator: operatorService,
}

/** Every method that is served, by its path. One without a rule ends the start of a master. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries(SERVICES).flatMap(([service, definition]) =>
    Object.entries(definition).map(([name, { path, requestStream, responseStream }]) => {
      const rules = POLICY[service as keyof typeof POLICY] as Readonly<Record<string, Rule>>
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
      if (rule === undefined) throw new Error(`${service}.${name} has no rule in the policy`)
      const method = {
        service: service as keyof typeof POLICY,
        name,
        path,
        requestStream,
        responseStream,
        rule,
      }
      return [path, method] as const
    }),
  ),
)
