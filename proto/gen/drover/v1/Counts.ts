// Original file: proto/drover/v1/types.proto


export interface Counts {
  'settled'?: (number);
  'planned'?: (number);
  'changed'?: (number);
  'failed'?: (number);
  'skipped'?: (number);
}

export interface Counts__Output {
  'settled': (number);
  'planned': (number);
  'changed': (number);
  'failed': (number);
  'skipped': (number);
}
