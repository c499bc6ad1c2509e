// Original file: proto/drover/v1/agent.proto

import type { SealedSecret as _drover_v1_SealedSecret, SealedSecret__Output as _drover_v1_SealedSecret__Output } from '../../drover/v1/SealedSecret.ts';

export interface CatalogHead {
  'sha256'?: (string);
  'bytes'?: (number);
  'commit'?: (string);
  'min_agent_version'?: (string);
  'secrets'?: (_drover_v1_SealedSecret)[];
}

export interface CatalogHead__Output {
  'sha256': (string);
  'bytes': (number);
  'commit': (string);
  'min_agent_version': (string);
  'secrets': (_drover_v1_SealedSecret__Output)[];
}
