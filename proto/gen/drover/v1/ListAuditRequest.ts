// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface ListAuditRequest {
  'since'?: (number | string | Long);
  'page_size'?: (number);
  'page_token'?: (string);
}

export interface ListAuditRequest__Output {
  'since': (number);
  'page_size': (number);
  'page_token': (string);
}
