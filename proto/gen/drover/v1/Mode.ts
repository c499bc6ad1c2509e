// Original file: proto/drover/v1/types.proto

export const Mode = {
  MODE_UNSPECIFIED: 'MODE_UNSPECIFIED',
  MODE_ENFORCE: 'MODE_ENFORCE',
  MODE_AUDIT: 'MODE_AUDIT',
  MODE_PAUSED: 'MODE_PAUSED',
} as const;

export type Mode =
  | 'MODE_UNSPECIFIED'
  | 0
  | 'MODE_ENFORCE'
  | 1
  | 'MODE_AUDIT'
  | 2
  | 'MODE_PAUSED'
  | 3

export type Mode__Output = typeof Mode[keyof typeof Mode]
