// Original file: proto/drover/v1/operator.proto

import type { Mode as _drover_v1_Mode, Mode__Output as _drover_v1_Mode__Output } from '../../drover/v1/Mode.ts';
import type { PauseEnd as _drover_v1_PauseEnd, PauseEnd__Output as _drover_v1_PauseEnd__Output } from '../../drover/v1/PauseEnd.ts';

export interface PauseRequest {
  'host'?: (string);
  'mode'?: (_drover_v1_Mode);
  'seconds'?: (number);
  'reason'?: (string);
  'resources'?: (string)[];
  'role'?: (string);
  'at_end'?: (_drover_v1_PauseEnd);
}

export interface PauseRequest__Output {
  'host': (string);
  'mode': (_drover_v1_Mode__Output);
  'seconds': (number);
  'reason': (string);
  'resources': (string)[];
  'role': (string);
  'at_end': (_drover_v1_PauseEnd__Output);
}
