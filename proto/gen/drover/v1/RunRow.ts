// Original file: proto/drover/v1/operator.proto

import type { ReportHead as _drover_v1_ReportHead, ReportHead__Output as _drover_v1_ReportHead__Output } from '../../drover/v1/ReportHead.ts';
import type { Long } from '@grpc/proto-loader';

export interface RunRow {
  'head'?: (_drover_v1_ReportHead | null);
  'host'?: (string);
  'received_at'?: (number | string | Long);
  'requested_by'?: (string);
  'commit'?: (string);
}

export interface RunRow__Output {
  'head': (_drover_v1_ReportHead__Output | null);
  'host': (string);
  'received_at': (number);
  'requested_by': (string);
  'commit': (string);
}
