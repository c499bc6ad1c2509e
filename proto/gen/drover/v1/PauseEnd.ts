// Original file: proto/drover/v1/types.proto

export const PauseEnd = {
  PAUSE_END_UNSPECIFIED: 'PAUSE_END_UNSPECIFIED',
  PAUSE_END_REVERT: 'PAUSE_END_REVERT',
  PAUSE_END_SHOW: 'PAUSE_END_SHOW',
} as const;

export type PauseEnd =
  | 'PAUSE_END_UNSPECIFIED'
  | 0
  | 'PAUSE_END_REVERT'
  | 1
  | 'PAUSE_END_SHOW'
  | 2

export type PauseEnd__Output = typeof PauseEnd[keyof typeof PauseEnd]
