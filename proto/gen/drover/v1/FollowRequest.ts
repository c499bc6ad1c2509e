// Original file: proto/drover/v1/agent.proto

import type { Hello as _drover_v1_Hello, Hello__Output as _drover_v1_Hello__Output } from '../../drover/v1/Hello.ts';
import type { Progress as _drover_v1_Progress, Progress__Output as _drover_v1_Progress__Output } from '../../drover/v1/Progress.ts';
import type { Finished as _drover_v1_Finished, Finished__Output as _drover_v1_Finished__Output } from '../../drover/v1/Finished.ts';
import type { Alive as _drover_v1_Alive, Alive__Output as _drover_v1_Alive__Output } from '../../drover/v1/Alive.ts';
import type { Received as _drover_v1_Received, Received__Output as _drover_v1_Received__Output } from '../../drover/v1/Received.ts';
import type { Watching as _drover_v1_Watching, Watching__Output as _drover_v1_Watching__Output } from '../../drover/v1/Watching.ts';
import type { Answer as _drover_v1_Answer, Answer__Output as _drover_v1_Answer__Output } from '../../drover/v1/Answer.ts';

export interface FollowRequest {
  'hello'?: (_drover_v1_Hello | null);
  'progress'?: (_drover_v1_Progress | null);
  'finished'?: (_drover_v1_Finished | null);
  'alive'?: (_drover_v1_Alive | null);
  'received'?: (_drover_v1_Received | null);
  'watching'?: (_drover_v1_Watching | null);
  'answer'?: (_drover_v1_Answer | null);
  'message'?: "hello"|"progress"|"finished"|"alive"|"received"|"watching"|"answer";
}

export interface FollowRequest__Output {
  'hello'?: (_drover_v1_Hello__Output | null);
  'progress'?: (_drover_v1_Progress__Output | null);
  'finished'?: (_drover_v1_Finished__Output | null);
  'alive'?: (_drover_v1_Alive__Output | null);
  'received'?: (_drover_v1_Received__Output | null);
  'watching'?: (_drover_v1_Watching__Output | null);
  'answer'?: (_drover_v1_Answer__Output | null);
  'message'?: "hello"|"progress"|"finished"|"alive"|"received"|"watching"|"answer";
}
