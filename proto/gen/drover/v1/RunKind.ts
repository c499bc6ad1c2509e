// Original file: proto/drover/v1/types.proto

export const RunKind = {
  RUN_KIND_UNSPECIFIED: 'RUN_KIND_UNSPECIFIED',
  RUN_KIND_CHECK: 'RUN_KIND_CHECK',
  RUN_KIND_APPLY: 'RUN_KIND_APPLY',
  RUN_KIND_REHEARSAL: 'RUN_KIND_REHEARSAL',
} as const;

export type RunKind =
  | 'RUN_KIND_UNSPECIFIED'
  | 0
  | 'RUN_KIND_CHECK'
  | 1
  | 'RUN_KIND_APPLY'
  | 2
  | 'RUN_KIND_REHEARSAL'
  | 3

export type RunKind__Output = typeof RunKind[keyof typeof RunKind]
