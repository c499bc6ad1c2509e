// Original file: proto/drover/v1/agent.proto

import type { ReportHead as _drover_v1_ReportHead, ReportHead__Output as _drover_v1_ReportHead__Output } from '../../drover/v1/ReportHead.ts';

export interface PutReportRequest {
  'head'?: (_drover_v1_ReportHead | null);
  'data'?: (Buffer | Uint8Array | string);
}

export interface PutReportRequest__Output {
  'head': (_drover_v1_ReportHead__Output | null);
  'data': (Buffer);
}
