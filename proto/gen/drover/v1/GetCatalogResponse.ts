// Original file: proto/drover/v1/agent.proto

import type { CatalogHead as _drover_v1_CatalogHead, CatalogHead__Output as _drover_v1_CatalogHead__Output } from '../../drover/v1/CatalogHead.ts';

export interface GetCatalogResponse {
  'head'?: (_drover_v1_CatalogHead | null);
  'data'?: (Buffer | Uint8Array | string);
  'part'?: "head"|"data";
}

export interface GetCatalogResponse__Output {
  'head'?: (_drover_v1_CatalogHead__Output | null);
  'data'?: (Buffer);
  'part'?: "head"|"data";
}
