// Original file: proto/drover/v1/operator.proto

import type { RoleOrigin as _drover_v1_RoleOrigin, RoleOrigin__Output as _drover_v1_RoleOrigin__Output } from '../../drover/v1/RoleOrigin.ts';

export interface UnassignResponse {
  'roles'?: (_drover_v1_RoleOrigin)[];
  'unchanged'?: (_drover_v1_RoleOrigin)[];
}

export interface UnassignResponse__Output {
  'roles': (_drover_v1_RoleOrigin__Output)[];
  'unchanged': (_drover_v1_RoleOrigin__Output)[];
}
