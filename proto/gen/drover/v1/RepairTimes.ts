// Original file: proto/drover/v1/operator.proto


export interface RepairTimes {
  'type'?: (string);
  'repairs'?: (number);
  'p50_ms'?: (number);
  'p99_ms'?: (number);
}

export interface RepairTimes__Output {
  'type': (string);
  'repairs': (number);
  'p50_ms': (number);
  'p99_ms': (number);
}
