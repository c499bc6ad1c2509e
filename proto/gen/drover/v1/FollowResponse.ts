// Original file: proto/drover/v1/agent.proto

import type { Welcome as _drover_v1_Welcome, Welcome__Output as _drover_v1_Welcome__Output } from '../../drover/v1/Welcome.ts';
import type { CatalogNews as _drover_v1_CatalogNews, CatalogNews__Output as _drover_v1_CatalogNews__Output } from '../../drover/v1/CatalogNews.ts';
import type { RunOrder as _drover_v1_RunOrder, RunOrder__Output as _drover_v1_RunOrder__Output } from '../../drover/v1/RunOrder.ts';
import type { CancelRun as _drover_v1_CancelRun, CancelRun__Output as _drover_v1_CancelRun__Output } from '../../drover/v1/CancelRun.ts';
import type { ModeNews as _drover_v1_ModeNews, ModeNews__Output as _drover_v1_ModeNews__Output } from '../../drover/v1/ModeNews.ts';
import type { Question as _drover_v1_Question, Question__Output as _drover_v1_Question__Output } from '../../drover/v1/Question.ts';

export interface FollowResponse {
  'welcome'?: (_drover_v1_Welcome | null);
  'catalog'?: (_drover_v1_CatalogNews | null);
  'run'?: (_drover_v1_RunOrder | null);
  'cancel'?: (_drover_v1_CancelRun | null);
  'mode'?: (_drover_v1_ModeNews | null);
  'question'?: (_drover_v1_Question | null);
  'message'?: "welcome"|"catalog"|"run"|"cancel"|"mode"|"question";
}

export interface FollowResponse__Output {
  'welcome'?: (_drover_v1_Welcome__Output | null);
  'catalog'?: (_drover_v1_CatalogNews__Output | null);
  'run'?: (_drover_v1_RunOrder__Output | null);
  'cancel'?: (_drover_v1_CancelRun__Output | null);
  'mode'?: (_drover_v1_ModeNews__Output | null);
  'question'?: (_drover_v1_Question__Output | null);
  'message'?: "welcome"|"catalog"|"run"|"cancel"|"mode"|"question";
}
