// Original file: proto/drover/v1/operator.proto

import type { HostRow as _drover_v1_HostRow, HostRow__Output as _drover_v1_HostRow__Output } from '../../drover/v1/HostRow.ts';
import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';
import type { DriftRow as _drover_v1_DriftRow, DriftRow__Output as _drover_v1_DriftRow__Output } from '../../drover/v1/DriftRow.ts';
import type { Watching as _drover_v1_Watching, Watching__Output as _drover_v1_Watching__Output } from '../../drover/v1/Watching.ts';
import type { ResourcePause as _drover_v1_ResourcePause, ResourcePause__Output as _drover_v1_ResourcePause__Output } from '../../drover/v1/ResourcePause.ts';
import type { ContestedRow as _drover_v1_ContestedRow, ContestedRow__Output as _drover_v1_ContestedRow__Output } from '../../drover/v1/ContestedRow.ts';

export interface GetHostResponse {
  'host'?: (_drover_v1_HostRow | null);
  'runs'?: (_drover_v1_RunRow)[];
  'drift'?: (_drover_v1_DriftRow)[];
  'watching'?: (_drover_v1_Watching | null);
  'pauses'?: (_drover_v1_ResourcePause)[];
  'contested'?: (_drover_v1_ContestedRow)[];
}

export interface GetHostResponse__Output {
  'host': (_drover_v1_HostRow__Output | null);
  'runs': (_drover_v1_RunRow__Output)[];
  'drift': (_drover_v1_DriftRow__Output)[];
  'watching': (_drover_v1_Watching__Output | null);
  'pauses': (_drover_v1_ResourcePause__Output)[];
  'contested': (_drover_v1_ContestedRow__Output)[];
}
