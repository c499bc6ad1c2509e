// Original file: proto/drover/v1/agent.proto

import type { CatalogNews as _drover_v1_CatalogNews, CatalogNews__Output as _drover_v1_CatalogNews__Output } from '../../drover/v1/CatalogNews.ts';
import type { ModeNews as _drover_v1_ModeNews, ModeNews__Output as _drover_v1_ModeNews__Output } from '../../drover/v1/ModeNews.ts';
import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'host'?: (string);
  'catalog'?: (_drover_v1_CatalogNews | null);
  'mode'?: (_drover_v1_ModeNews | null);
  'reconnect_within_ms'?: (number);
  'now'?: (number | string | Long);
}

export interface Welcome__Output {
  'host': (string);
  'catalog': (_drover_v1_CatalogNews__Output | null);
  'mode': (_drover_v1_ModeNews__Output | null);
  'reconnect_within_ms': (number);
  'now': (number);
}
