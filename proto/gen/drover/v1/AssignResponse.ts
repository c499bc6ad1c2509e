// Original file: proto/drover/v1/operator.proto

import type { RoleOrigin as _drover_v1_RoleOrigin, RoleOrigin__Output as _drover_v1_RoleOrigin__Output } from '../../drover/v1/RoleOrigin.ts';

export interface AssignResponse {
  'roles'?: (_drover_v1_RoleOrigin)[];
  'unchanged'?: (string)[];
}

export interface AssignResponse__Output {
  'roles': (_drover_v1_RoleOrigin__Output)[];
  'unchanged': (string)[];
}
