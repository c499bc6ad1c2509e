// Original file: proto/drover/v1/operator.proto

import type { ComparedRuns as _drover_v1_ComparedRuns, ComparedRuns__Output as _drover_v1_ComparedRuns__Output } from '../../drover/v1/ComparedRuns.ts';
import type { ResourcePair as _drover_v1_ResourcePair, ResourcePair__Output as _drover_v1_ResourcePair__Output } from '../../drover/v1/ResourcePair.ts';

export interface CompareCatalogsResponse {
  'runs'?: (_drover_v1_ComparedRuns | null);
  'pair'?: (_drover_v1_ResourcePair | null);
  'part'?: "runs"|"pair";
}

export interface CompareCatalogsResponse__Output {
  'runs'?: (_drover_v1_ComparedRuns__Output | null);
  'pair'?: (_drover_v1_ResourcePair__Output | null);
  'part'?: "runs"|"pair";
}
