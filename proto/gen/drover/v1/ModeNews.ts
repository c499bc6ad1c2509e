// Original file: proto/drover/v1/agent.proto

import type { Mode as _drover_v1_Mode, Mode__Output as _drover_v1_Mode__Output } from '../../drover/v1/Mode.ts';
import type { ResourcePause as _drover_v1_ResourcePause, ResourcePause__Output as _drover_v1_ResourcePause__Output } from '../../drover/v1/ResourcePause.ts';
import type { Long } from '@grpc/proto-loader';

export interface ModeNews {
  'mode'?: (_drover_v1_Mode);
  'until'?: (number | string | Long);
  'reason'?: (string);
  'by'?: (string);
  'resources'?: (_drover_v1_ResourcePause)[];
}

export interface ModeNews__Output {
  'mode': (_drover_v1_Mode__Output);
  'until': (number);
  'reason': (string);
  'by': (string);
  'resources': (_drover_v1_ResourcePause__Output)[];
}
