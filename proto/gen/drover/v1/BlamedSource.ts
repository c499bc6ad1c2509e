// Original file: proto/drover/v1/operator.proto

import type { BlamedRead as _drover_v1_BlamedRead, BlamedRead__Output as _drover_v1_BlamedRead__Output } from '../../drover/v1/BlamedRead.ts';

export interface BlamedSource {
  'role'?: (string);
  'origin'?: (string);
  'file'?: (string);
  'line'?: (number);
  'reads'?: (_drover_v1_BlamedRead)[];
}

export interface BlamedSource__Output {
  'role': (string);
  'origin': (string);
  'file': (string);
  'line': (number);
  'reads': (_drover_v1_BlamedRead__Output)[];
}
