// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface ListChangesRequest {
  'host'?: (string);
  'resource'?: (string);
  'since'?: (number | string | Long);
  'until'?: (number | string | Long);
  'page_size'?: (number);
  'page_token'?: (string);
}

export interface ListChangesRequest__Output {
  'host': (string);
  'resource': (string);
  'since': (number);
  'until': (number);
  'page_size': (number);
  'page_token': (string);
}
