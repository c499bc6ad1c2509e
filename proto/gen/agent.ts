import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AgentClient as _drover_v1_AgentClient, AgentDefinition as _drover_v1_AgentDefinition } from './drover/v1/Agent.ts';
import type { Alive as _drover_v1_Alive, Alive__Output as _drover_v1_Alive__Output } from './drover/v1/Alive.ts';
import type { Answer as _drover_v1_Answer, Answer__Output as _drover_v1_Answer__Output } from './drover/v1/Answer.ts';
import type { CancelRun as _drover_v1_CancelRun, CancelRun__Output as _drover_v1_CancelRun__Output } from './drover/v1/CancelRun.ts';
import type { CatalogHead as _drover_v1_CatalogHead, CatalogHead__Output as _drover_v1_CatalogHead__Output } from './drover/v1/CatalogHead.ts';
import type { CatalogNews as _drover_v1_CatalogNews, CatalogNews__Output as _drover_v1_CatalogNews__Output } from './drover/v1/CatalogNews.ts';
import type { Counts as _drover_v1_Counts, Counts__Output as _drover_v1_Counts__Output } from './drover/v1/Counts.ts';
import type { Evidence as _drover_v1_Evidence, Evidence__Output as _drover_v1_Evidence__Output } from './drover/v1/Evidence.ts';
import type { Finished as _drover_v1_Finished, Finished__Output as _drover_v1_Finished__Output } from './drover/v1/Finished.ts';
import type { FollowRequest as _drover_v1_FollowRequest, FollowRequest__Output as _drover_v1_FollowRequest__Output } from './drover/v1/FollowRequest.ts';
import type { FollowResponse as _drover_v1_FollowResponse, FollowResponse__Output as _drover_v1_FollowResponse__Output } from './drover/v1/FollowResponse.ts';
import type { GetBlobRequest as _drover_v1_GetBlobRequest, GetBlobRequest__Output as _drover_v1_GetBlobRequest__Output } from './drover/v1/GetBlobRequest.ts';
import type { GetBlobResponse as _drover_v1_GetBlobResponse, GetBlobResponse__Output as _drover_v1_GetBlobResponse__Output } from './drover/v1/GetBlobResponse.ts';
import type { GetCatalogRequest as _drover_v1_GetCatalogRequest, GetCatalogRequest__Output as _drover_v1_GetCatalogRequest__Output } from './drover/v1/GetCatalogRequest.ts';
import type { GetCatalogResponse as _drover_v1_GetCatalogResponse, GetCatalogResponse__Output as _drover_v1_GetCatalogResponse__Output } from './drover/v1/GetCatalogResponse.ts';
import type { Hello as _drover_v1_Hello, Hello__Output as _drover_v1_Hello__Output } from './drover/v1/Hello.ts';
import type { ModeNews as _drover_v1_ModeNews, ModeNews__Output as _drover_v1_ModeNews__Output } from './drover/v1/ModeNews.ts';
import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from './drover/v1/Problem.ts';
import type { Progress as _drover_v1_Progress, Progress__Output as _drover_v1_Progress__Output } from './drover/v1/Progress.ts';
import type { PutFactsRequest as _drover_v1_PutFactsRequest, PutFactsRequest__Output as _drover_v1_PutFactsRequest__Output } from './drover/v1/PutFactsRequest.ts';
import type { PutFactsResponse as _drover_v1_PutFactsResponse, PutFactsResponse__Output as _drover_v1_PutFactsResponse__Output } from './drover/v1/PutFactsResponse.ts';
import type { PutRehearsalRequest as _drover_v1_PutRehearsalRequest, PutRehearsalRequest__Output as _drover_v1_PutRehearsalRequest__Output } from './drover/v1/PutRehearsalRequest.ts';
import type { PutRehearsalResponse as _drover_v1_PutRehearsalResponse, PutRehearsalResponse__Output as _drover_v1_PutRehearsalResponse__Output } from './drover/v1/PutRehearsalResponse.ts';
import type { PutReportRequest as _drover_v1_PutReportRequest, PutReportRequest__Output as _drover_v1_PutReportRequest__Output } from './drover/v1/PutReportRequest.ts';
import type { PutReportResponse as _drover_v1_PutReportResponse, PutReportResponse__Output as _drover_v1_PutReportResponse__Output } from './drover/v1/PutReportResponse.ts';
import type { Question as _drover_v1_Question, Question__Output as _drover_v1_Question__Output } from './drover/v1/Question.ts';
import type { Received as _drover_v1_Received, Received__Output as _drover_v1_Received__Output } from './drover/v1/Received.ts';
import type { RenewRequest as _drover_v1_RenewRequest, RenewRequest__Output as _drover_v1_RenewRequest__Output } from './drover/v1/RenewRequest.ts';
import type { RenewResponse as _drover_v1_RenewResponse, RenewResponse__Output as _drover_v1_RenewResponse__Output } from './drover/v1/RenewResponse.ts';
import type { ReportHead as _drover_v1_ReportHead, ReportHead__Output as _drover_v1_ReportHead__Output } from './drover/v1/ReportHead.ts';
import type { ResourcePause as _drover_v1_ResourcePause, ResourcePause__Output as _drover_v1_ResourcePause__Output } from './drover/v1/ResourcePause.ts';
import type { RunOrder as _drover_v1_RunOrder, RunOrder__Output as _drover_v1_RunOrder__Output } from './drover/v1/RunOrder.ts';
import type { SealedSecret as _drover_v1_SealedSecret, SealedSecret__Output as _drover_v1_SealedSecret__Output } from './drover/v1/SealedSecret.ts';
import type { WatchedType as _drover_v1_WatchedType, WatchedType__Output as _drover_v1_WatchedType__Output } from './drover/v1/WatchedType.ts';
import type { Watching as _drover_v1_Watching, Watching__Output as _drover_v1_Watching__Output } from './drover/v1/Watching.ts';
import type { Welcome as _drover_v1_Welcome, Welcome__Output as _drover_v1_Welcome__Output } from './drover/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  drover: {
    v1: {
      Agent: SubtypeConstructor<typeof grpc.Client, _drover_v1_AgentClient> & { service: _drover_v1_AgentDefinition }
      Alive: MessageTypeDefinition<_drover_v1_Alive, _drover_v1_Alive__Output>
      Answer: MessageTypeDefinition<_drover_v1_Answer, _drover_v1_Answer__Output>
      CancelRun: MessageTypeDefinition<_drover_v1_CancelRun, _drover_v1_CancelRun__Output>
      CatalogHead: MessageTypeDefinition<_drover_v1_CatalogHead, _drover_v1_CatalogHead__Output>
      CatalogNews: MessageTypeDefinition<_drover_v1_CatalogNews, _drover_v1_CatalogNews__Output>
      Counts: MessageTypeDefinition<_drover_v1_Counts, _drover_v1_Counts__Output>
      Evidence: MessageTypeDefinition<_drover_v1_Evidence, _drover_v1_Evidence__Output>
      Finished: MessageTypeDefinition<_drover_v1_Finished, _drover_v1_Finished__Output>
      FollowRequest: MessageTypeDefinition<_drover_v1_FollowRequest, _drover_v1_FollowRequest__Output>
      FollowResponse: MessageTypeDefinition<_drover_v1_FollowResponse, _drover_v1_FollowResponse__Output>
      GetBlobRequest: MessageTypeDefinition<_drover_v1_GetBlobRequest, _drover_v1_GetBlobRequest__Output>
      GetBlobResponse: MessageTypeDefinition<_drover_v1_GetBlobResponse, _drover_v1_GetBlobResponse__Output>
      GetCatalogRequest: MessageTypeDefinition<_drover_v1_GetCatalogRequest, _drover_v1_GetCatalogRequest__Output>
      GetCatalogResponse: MessageTypeDefinition<_drover_v1_GetCatalogResponse, _drover_v1_GetCatalogResponse__Output>
      Hello: MessageTypeDefinition<_drover_v1_Hello, _drover_v1_Hello__Output>
      Mode: EnumTypeDefinition
      ModeNews: MessageTypeDefinition<_drover_v1_ModeNews, _drover_v1_ModeNews__Output>
      PauseEnd: EnumTypeDefinition
      Problem: MessageTypeDefinition<_drover_v1_Problem, _drover_v1_Problem__Output>
      Progress: MessageTypeDefinition<_drover_v1_Progress, _drover_v1_Progress__Output>
      PutFactsRequest: MessageTypeDefinition<_drover_v1_PutFactsRequest, _drover_v1_PutFactsRequest__Output>
      PutFactsResponse: MessageTypeDefinition<_drover_v1_PutFactsResponse, _drover_v1_PutFactsResponse__Output>
      PutRehearsalRequest: MessageTypeDefinition<_drover_v1_PutRehearsalRequest, _drover_v1_PutRehearsalRequest__Output>
      PutRehearsalResponse: MessageTypeDefinition<_drover_v1_PutRehearsalResponse, _drover_v1_PutRehearsalResponse__Output>
      PutReportRequest: MessageTypeDefinition<_drover_v1_PutReportRequest, _drover_v1_PutReportRequest__Output>
      PutReportResponse: MessageTypeDefinition<_drover_v1_PutReportResponse, _drover_v1_PutReportResponse__Output>
      Question: MessageTypeDefinition<_drover_v1_Question, _drover_v1_Question__Output>
      Received: MessageTypeDefinition<_drover_v1_Received, _drover_v1_Received__Output>
      RenewRequest: MessageTypeDefinition<_drover_v1_RenewRequest, _drover_v1_RenewRequest__Output>
      RenewResponse: MessageTypeDefinition<_drover_v1_RenewResponse, _drover_v1_RenewResponse__Output>
      ReportHead: MessageTypeDefinition<_drover_v1_ReportHead, _drover_v1_ReportHead__Output>
      ResourcePause: MessageTypeDefinition<_drover_v1_ResourcePause, _drover_v1_ResourcePause__Output>
      RunKind: EnumTypeDefinition
      RunOrder: MessageTypeDefinition<_drover_v1_RunOrder, _drover_v1_RunOrder__Output>
      RunTrigger: EnumTypeDefinition
      SealedSecret: MessageTypeDefinition<_drover_v1_SealedSecret, _drover_v1_SealedSecret__Output>
      WatchedType: MessageTypeDefinition<_drover_v1_WatchedType, _drover_v1_WatchedType__Output>
      Watching: MessageTypeDefinition<_drover_v1_Watching, _drover_v1_Watching__Output>
      Welcome: MessageTypeDefinition<_drover_v1_Welcome, _drover_v1_Welcome__Output>
    }
  }
}

