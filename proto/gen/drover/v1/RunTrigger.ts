// Original file: proto/drover/v1/types.proto

export const RunTrigger = {
  RUN_TRIGGER_UNSPECIFIED: 'RUN_TRIGGER_UNSPECIFIED',
  RUN_TRIGGER_REQUEST: 'RUN_TRIGGER_REQUEST',
  RUN_TRIGGER_SWEEP: 'RUN_TRIGGER_SWEEP',
  RUN_TRIGGER_CATALOG: 'RUN_TRIGGER_CATALOG',
  RUN_TRIGGER_BOOT: 'RUN_TRIGGER_BOOT',
  RUN_TRIGGER_DRIFT: 'RUN_TRIGGER_DRIFT',
  RUN_TRIGGER_UNDO: 'RUN_TRIGGER_UNDO',
} as const;

export type RunTrigger =
  | 'RUN_TRIGGER_UNSPECIFIED'
  | 0
  | 'RUN_TRIGGER_REQUEST'
  | 1
  | 'RUN_TRIGGER_SWEEP'
  | 2
  | 'RUN_TRIGGER_CATALOG'
  | 3
  | 'RUN_TRIGGER_BOOT'
  | 4
  | 'RUN_TRIGGER_DRIFT'
  | 5
  | 'RUN_TRIGGER_UNDO'
  | 6

export type RunTrigger__Output = typeof RunTrigger[keyof typeof RunTrigger]
