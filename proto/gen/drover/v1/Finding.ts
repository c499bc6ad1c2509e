// Original file: proto/drover/v1/operator.proto

import type { Severity as _drover_v1_Severity, Severity__Output as _drover_v1_Severity__Output } from '../../drover/v1/Severity.ts';

export interface Finding {
  'about'?: (string);
  'severity'?: (_drover_v1_Severity);
  'text'?: (string);
  'hint'?: (string);
}

export interface Finding__Output {
  'about': (string);
  'severity': (_drover_v1_Severity__Output);
  'text': (string);
  'hint': (string);
}
