// Original file: proto/drover/v1/operator.proto

import type { HostStatus as _drover_v1_HostStatus, HostStatus__Output as _drover_v1_HostStatus__Output } from '../../drover/v1/HostStatus.ts';
import type { RoleOrigin as _drover_v1_RoleOrigin, RoleOrigin__Output as _drover_v1_RoleOrigin__Output } from '../../drover/v1/RoleOrigin.ts';
import type { Counts as _drover_v1_Counts, Counts__Output as _drover_v1_Counts__Output } from '../../drover/v1/Counts.ts';
import type { Mode as _drover_v1_Mode, Mode__Output as _drover_v1_Mode__Output } from '../../drover/v1/Mode.ts';
import type { Long } from '@grpc/proto-loader';

export interface HostRow {
  'name'?: (string);
  'id'?: (string);
  'status'?: (_drover_v1_HostStatus);
  'connected'?: (boolean);
  'environment'?: (string);
  'roles'?: (_drover_v1_RoleOrigin)[];
  'version'?: (string);
  'last_seen_at'?: (number | string | Long);
  'last_run_at'?: (number | string | Long);
  'counts'?: (_drover_v1_Counts | null);
  'drifted'?: (number);
  'commit'?: (string);
  'wanted_catalog_sha256'?: (string);
  'catalog_sha256'?: (string);
  'compile_problem'?: (string);
  'mode'?: (_drover_v1_Mode);
  'mode_until'?: (number | string | Long);
  'mode_reason'?: (string);
  'mode_by'?: (string);
  'certificate_expires_at'?: (number | string | Long);
  'clock_skew_ms'?: (number | string | Long);
  'spooled_reports'?: (number);
}

export interface HostRow__Output {
  'name': (string);
  'id': (string);
  'status': (_drover_v1_HostStatus__Output);
  'connected': (boolean);
  'environment': (string);
  'roles': (_drover_v1_RoleOrigin__Output)[];
  'version': (string);
  'last_seen_at': (number);
  'last_run_at': (number);
  'counts': (_drover_v1_Counts__Output | null);
  'drifted': (number);
  'commit': (string);
  'wanted_catalog_sha256': (string);
  'catalog_sha256': (string);
  'compile_problem': (string);
  'mode': (_drover_v1_Mode__Output);
  'mode_until': (number);
  'mode_reason': (string);
  'mode_by': (string);
  'certificate_expires_at': (number);
  'clock_skew_ms': (number);
  'spooled_reports': (number);
}
