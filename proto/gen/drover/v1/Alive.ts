// Original file: proto/drover/v1/agent.proto


export interface Alive {
  'spooled_reports'?: (number);
}

export interface Alive__Output {
  'spooled_reports': (number);
}
