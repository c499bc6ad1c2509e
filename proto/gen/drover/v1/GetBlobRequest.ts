// Original file: proto/drover/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface GetBlobRequest {
  'sha256'?: (string);
  'offset'?: (number | string | Long);
}

export interface GetBlobRequest__Output {
  'sha256': (string);
  'offset': (number);
}
