// Original file: proto/drover/v1/agent.proto


// Original file: proto/drover/v1/agent.proto

export const _drover_v1_Question_Kind = {
  KIND_UNSPECIFIED: 'KIND_UNSPECIFIED',
  KIND_OWNED: 'KIND_OWNED',
  KIND_RELEASE: 'KIND_RELEASE',
  KIND_QUARANTINED: 'KIND_QUARANTINED',
  KIND_BRING_BACK: 'KIND_BRING_BACK',
} as const;

export type _drover_v1_Question_Kind =
  | 'KIND_UNSPECIFIED'
  | 0
  | 'KIND_OWNED'
  | 1
  | 'KIND_RELEASE'
  | 2
  | 'KIND_QUARANTINED'
  | 3
  | 'KIND_BRING_BACK'
  | 4

export type _drover_v1_Question_Kind__Output = typeof _drover_v1_Question_Kind[keyof typeof _drover_v1_Question_Kind]

export interface Question {
  'request_id'?: (string);
  'kind'?: (_drover_v1_Question_Kind);
  'subject'?: (string);
}

export interface Question__Output {
  'request_id': (string);
  'kind': (_drover_v1_Question_Kind__Output);
  'subject': (string);
}
