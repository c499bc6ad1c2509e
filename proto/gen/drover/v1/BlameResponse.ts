// Original file: proto/drover/v1/operator.proto

import type { BlamedResource as _drover_v1_BlamedResource, BlamedResource__Output as _drover_v1_BlamedResource__Output } from '../../drover/v1/BlamedResource.ts';

export interface BlameResponse {
  'resources'?: (_drover_v1_BlamedResource)[];
  'others'?: (number);
  'commit'?: (string);
}

export interface BlameResponse__Output {
  'resources': (_drover_v1_BlamedResource__Output)[];
  'others': (number);
  'commit': (string);
}
