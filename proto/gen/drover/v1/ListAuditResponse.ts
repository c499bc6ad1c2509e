// Original file: proto/drover/v1/operator.proto

import type { AuditRow as _drover_v1_AuditRow, AuditRow__Output as _drover_v1_AuditRow__Output } from '../../drover/v1/AuditRow.ts';

export interface ListAuditResponse {
  'rows'?: (_drover_v1_AuditRow)[];
  'next_page_token'?: (string);
}

export interface ListAuditResponse__Output {
  'rows': (_drover_v1_AuditRow__Output)[];
  'next_page_token': (string);
}
