// Original file: proto/drover/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'version'?: (string);
  'boot_id'?: (string);
  'catalog_sha256'?: (string);
  'spooled_reports'?: (number);
  'now'?: (number | string | Long);
}

export interface Hello__Output {
  'version': (string);
  'boot_id': (string);
  'catalog_sha256': (string);
  'spooled_reports': (number);
  'now': (number);
}
