// Original file: proto/drover/v1/types.proto

import type { WatchedType as _drover_v1_WatchedType, WatchedType__Output as _drover_v1_WatchedType__Output } from '../../drover/v1/WatchedType.ts';

export interface Watching {
  'heard'?: (number);
  'polled'?: (number);
  'swept'?: (number);
  'directories'?: (number);
  'deaf'?: (number);
  'types'?: (_drover_v1_WatchedType)[];
}

export interface Watching__Output {
  'heard': (number);
  'polled': (number);
  'swept': (number);
  'directories': (number);
  'deaf': (number);
  'types': (_drover_v1_WatchedType__Output)[];
}
