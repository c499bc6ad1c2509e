// Original file: proto/drover/v1/agent.proto


export interface PutReportResponse {
  'already_recorded'?: (boolean);
}

export interface PutReportResponse__Output {
  'already_recorded': (boolean);
}
