import { type AnyDefinition, fromJSON, type PackageDefinition } from '@grpc/proto-loader'
import type { INamespace } from 'protobufjs'
import descriptor from './gen/descriptor.json' with { type: 'json' }
import type { AgentDefinition } from './gen/drover/v1/Agent.ts'
import type { EnrollmentDefinition } from './gen/drover/v1/Enrollment.ts'
import type { OperatorDefinition } from './gen/drover/v1/Operator.ts'

/** How messages look in memory, on both sides: times and sizes are numbers, enums are their names. */
const FORM = {
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  oneofs: true,
} as const

const definitions: PackageDefinition = fromJSON(descriptor as unknown as INamespace, FORM)
const named = (name: string): AnyDefinition => definitions[`drover.v1.${name}`] as AnyDefinition

export const agentService = named('Agent') as unknown as AgentDefinition
export const enrollmentService = named('Enrollment') as unknown as EnrollmentDefinition
export const operatorService = named('Operator') as unknown as OperatorDefinition
