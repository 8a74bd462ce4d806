<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en">
  <context>
    <name>AdapterStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source>Adapters on this computer. Double-click one to use it.</source>
      <translation>このコンピューター上のアダプター。ダブルクリックで使用します。</translation>
    </message>
    <message>
      <source>Adapters that others have published in a folder or on a web server.</source>
      <translation>他の人がフォルダーまたはウェブサーバーで公開したアダプター。</translation>
    </message>
    <message>
      <source>Add an adapter from a file that was exported.</source>
      <translation>エクスポートされたファイルからアダプターを追加します。</translation>
    </message>
    <message>
      <source>Add the selected adapter to those on this computer. Stop keeps what has come from a web server, and the next time goes on from there.</source>
      <translation>選択したアダプターをこのコンピューターに追加します。「停止」してもウェブサーバーから受信済みの分は残り、次回はそこから続きます。</translation>
    </message>
    <message>
      <source>Address (https://...) or folder, as whoever publishes there has told it.</source>
      <translation>公開者が知らせたアドレス (https://...) またはフォルダー。</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>参照</translation>
    </message>
    <message>
      <source>Cells of the study that are done. A cell is one model, trained and tested.</source>
      <translation>完了したスタディのセル。1 つのセルは学習とテストを行った 1 つのモデルです。</translation>
    </message>
    <message>
      <source>Choose a folder in place of an address.</source>
      <translation>アドレスの代わりにフォルダーを選びます。</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>クラス</translation>
    </message>
    <message>
      <source>Compare the segmentation chosen at the top with the reference: Dice, IoU, HD95 and NSD of each structure.</source>
      <translation>上で選んだセグメンテーションを参照と比較します：各構造の Dice、IoU、HD95、NSD。</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>日付</translation>
    </message>
    <message>
      <source>Delete the selected adapter from this computer.</source>
      <translation>選択したアダプターをこのコンピューターから削除します。</translation>
    </message>
    <message>
      <source>Delete...</source>
      <translation>削除...</translation>
    </message>
    <message>
      <source>Description of your own (TOML). samadapt study PRESET --show prints one to begin with.</source>
      <translation>独自の記述 (TOML)。samadapt study PRESET --show で出発点となるものを表示します。</translation>
    </message>
    <message>
      <source>Description:</source>
      <translation>説明：</translation>
    </message>
    <message>
      <source>Design:</source>
      <translation>設計：</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>Do what is left of the study, beside the application. Stop keeps all that is finished, and the next run goes on from there, also after a restart.</source>
      <translation>スタディの残りをアプリケーションと並行して行います。「停止」しても完了分は残り、次回は再起動後でもそこから続きます。</translation>
    </message>
    <message>
      <source>Evaluate the segmentation</source>
      <translation>セグメンテーションを評価</translation>
    </message>
    <message>
      <source>Export...</source>
      <translation>エクスポート...</translation>
    </message>
    <message>
      <source>Fetch</source>
      <translation>取得</translation>
    </message>
    <message>
      <source>Folder for the results and all that is trained. What is finished there stays, and a run goes on where the last one was.</source>
      <translation>結果と学習したものすべてのフォルダー。完了した分はそこに残り、前回の続きから実行されます。</translation>
    </message>
    <message>
      <source>Folder...</source>
      <translation>フォルダー...</translation>
    </message>
    <message>
      <source>Give the selected adapter another name.</source>
      <translation>選択したアダプターに別の名前を付けます。</translation>
    </message>
    <message>
      <source>How much of the adapter has come.</source>
      <translation>アダプターの受信済みの割合。</translation>
    </message>
    <message>
      <source>Import...</source>
      <translation>インポート...</translation>
    </message>
    <message>
      <source>List what is published there.</source>
      <translation>そこで公開されているものを一覧します。</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>手法</translation>
    </message>
    <message>
      <source>Model card of the selected adapter.</source>
      <translation>選択したアダプターのモデルカード。</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名前</translation>
    </message>
    <message>
      <source>Output folder:</source>
      <translation>出力フォルダー：</translation>
    </message>
    <message>
      <source>Points, boxes, boxes with a click and propagation on slices that the training held out, answered with the base weights and with the adapter. A plain point is answered by the adapter alone, without a box grown from the point.</source>
      <translation>学習から除いておいたスライスでの、点、ボックス、クリック付きボックス、伝播の結果。ベースの重みとアダプターで比べます。点だけの場合は、点から広げたボックスを使わずアダプターのみで答えます。</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>公開されたアダプター</translation>
    </message>
    <message>
      <source>Put the segmentation chosen at the top into the DICOM database, as a DICOM segmentation beside the series of its volume, which has to come from there. It says whose it is, as the series does.</source>
      <translation>上で選んだセグメンテーションを、DICOM セグメンテーションとして、そのボリュームのシリーズと並べて DICOM データベースに保存します。ボリュームはそこから読み込まれたものに限ります。シリーズと同様に患者名を含みます。</translation>
    </message>
    <message>
      <source>Reference:</source>
      <translation>参照：</translation>
    </message>
    <message>
      <source>Refuse what has been signed by none of the keys in your folder of trusted keys; see the tutorial.</source>
      <translation>信頼する鍵のフォルダーにあるどの鍵でも署名されていないものを拒否します。チュートリアルを参照。</translation>
    </message>
    <message>
      <source>Rename...</source>
      <translation>名前の変更...</translation>
    </message>
    <message>
      <source>Results; each further evaluation adds its rows.</source>
      <translation>結果。評価するたびに行が追加されます。</translation>
    </message>
    <message>
      <source>Run study</source>
      <translation>スタディを実行</translation>
    </message>
    <message>
      <source>Save the segmentation as DICOM SEG</source>
      <translation>セグメンテーションを DICOM SEG として保存</translation>
    </message>
    <message>
      <source>Scans (CSV):</source>
      <translation>スキャン (CSV)：</translation>
    </message>
    <message>
      <source>Segment with the base model, without an adapter.</source>
      <translation>アダプターなしで、ベースモデルで分割します。</translation>
    </message>
    <message>
      <source>Segment with the selected adapter from now on.</source>
      <translation>以後、選択したアダプターで分割します。</translation>
    </message>
    <message>
      <source>Segmentation that counts as right. Structures are matched by name.</source>
      <translation>正しいとみなすセグメンテーション。構造は名前で対応付けます。</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>セグメンテーションを選択</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>レポートを表示</translation>
    </message>
    <message>
      <source>Signed by a key that I trust only</source>
      <translation>信頼する鍵で署名されたもののみ</translation>
    </message>
    <message>
      <source>Spread of the results over all evaluated cases.</source>
      <translation>評価した全症例の結果のばらつき。</translation>
    </message>
    <message>
      <source>Study</source>
      <translation>スタディ</translation>
    </message>
    <message>
      <source>Surface distance that the normalised surface Dice (NSD) forgives.</source>
      <translation>正規化表面 Dice (NSD) が許容する表面距離。</translation>
    </message>
    <message>
      <source>Table of your scans with the columns image, labels, patient and split (train or test). Left empty, that of the description counts.</source>
      <translation>image、labels、patient、split（train または test）の列を持つスキャンの表。空の場合は記述内の表を使います。</translation>
    </message>
    <message>
      <source>The adapter that the Segment Editor effect and the console use.</source>
      <translation>セグメントエディターの効果とコンソールが使うアダプター。</translation>
    </message>
    <message>
      <source>Tolerance:</source>
      <translation>許容差：</translation>
    </message>
    <message>
      <source>Train and test models on many scans, on few and on many labelled slices, with several seeds, and compare them in one report.</source>
      <translation>多数のスキャン、少数および多数のラベル付きスライスで、複数のシードを用いてモデルを学習・テストし、1 つのレポートで比較します。</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>使用</translation>
    </message>
    <message>
      <source>Use none</source>
      <translation>使用しない</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>重み：</translation>
    </message>
    <message>
      <source>What has come of it.</source>
      <translation>その結果。</translation>
    </message>
    <message>
      <source>What is compared: a preset, which follows a paper's design, or a description of your own.</source>
      <translation>比較する内容：論文の設計に従うプリセット、または独自の記述。</translation>
    </message>
    <message>
      <source>What is published there. Dice is that on patients whom the training held out, as the model card tells it.</source>
      <translation>そこで公開されているもの。Dice はモデルカードに記された、学習から除いた患者での値です。</translation>
    </message>
    <message>
      <source>What the study is doing, and about how long it takes.</source>
      <translation>スタディの処理内容とおおよその所要時間。</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>DICOM データベースに保存されたものと、されなかったもの。</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use.</source>
      <translation>アダプター使用時にどの重みが答えるか。</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use: for each kind of prompt those that were better on slices that its training held out, or always the same ones.</source>
      <translation>アダプター使用時にどの重みが答えるか：プロンプトの種類ごとに、学習から除いたスライスで良かった方、または常に同じもの。</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter, as is said there; whether that holds is found out when it is fetched. Then the terms under which it is handed on.</source>
      <translation>選択したアダプターの署名者（公開元の記載による）。真偽は取得時に確認されます。続いて配布条件。</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter. Keys that you trust lie in a folder of your own; see the tutorial.</source>
      <translation>選択したアダプターの署名者。信頼する鍵は専用のフォルダーに置きます。チュートリアルを参照。</translation>
    </message>
    <message>
      <source>Write the report of what is there, also of a study that is still going on, and show it in the web browser.</source>
      <translation>現時点の内容でレポートを作成し（スタディ実行中でも可）、ウェブブラウザーで表示します。</translation>
    </message>
    <message>
      <source>Write the selected adapter and its model card into one file to pass on.</source>
      <translation>選択したアダプターとモデルカードを、配布用に 1 つのファイルへ書き出します。</translation>
    </message>
    <message>
      <source>https://... or a folder</source>
      <translation>https://... か フォルダー</translation>
    </message>
  </context>
  <context>
    <name>Channels</name>
    <message>
      <source>Another sequence of the same patient, which the model sees together with the volume. Kept with the volume.</source>
      <translation>同じ患者の別のシーケンス。モデルがボリュームと一緒に参照します。ボリュームとともに保存されます。</translation>
    </message>
    <message>
      <source>Bring volumes that lie on another grid onto that of the first, by linear interpolation. The volumes themselves stay as they are.</source>
      <translation>格子の異なるボリュームを線形補間で最初のボリュームの格子に合わせます。ボリューム自体は変わりません。</translation>
    </message>
    <message>
      <source>One more. An adapter wants as many as it was trained with, in that order.</source>
      <translation>もう 1 つ。アダプターには学習時と同じ数を同じ順序で与えます。</translation>
    </message>
    <message>
      <source>Resample where grids differ</source>
      <translation>格子が異なる場合は再サンプリング</translation>
    </message>
    <message>
      <source>nothing else</source>
      <translation>他になし</translation>
    </message>
  </context>
  <context>
    <name>ComputerStep</name>
    <message>
      <source>Computer that segments in place of this one, as host:port; see "samadapt serve". Empty: this computer works by itself. Training stays on this computer.</source>
      <translation>このコンピューターの代わりに分割するコンピューター（host:port）。"samadapt serve" を参照。空の場合はこのコンピューターで処理します。学習は常にこのコンピューターで行います。</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>削除</translation>
    </message>
    <message>
      <source>Delete the embeddings that are kept on disk. Slices are then looked at anew, which takes a moment each.</source>
      <translation>ディスクに保存された埋め込みを削除します。スライスは改めて読み取られ、それぞれ少し時間がかかります。</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>デバイス：</translation>
    </message>
    <message>
      <source>File with the token that the server was started with.</source>
      <translation>サーバーの起動時に指定したトークンのファイル。</translation>
    </message>
    <message>
      <source>Kept embeddings:</source>
      <translation>保存済み埋め込み：</translation>
    </message>
    <message>
      <source>Server:</source>
      <translation>サーバー：</translation>
    </message>
    <message>
      <source>Token file:</source>
      <translation>トークンファイル：</translation>
    </message>
    <message>
      <source>What fine-tuning and segmenting run on, on this computer. Automatic takes a graphics card where there is one.</source>
      <translation>このコンピューターでファインチューニングと分割に使うデバイス。「自動」はグラフィックカードがあればそれを使います。</translation>
    </message>
    <message>
      <source>What the model has seen of slices, kept so that they need not be looked at again. It can be deleted at any time.</source>
      <translation>モデルがスライスから読み取った内容。再度読み取らずに済むよう保存されます。いつでも削除できます。</translation>
    </message>
    <message>
      <source>Where slices are segmented.</source>
      <translation>スライスを分割する場所。</translation>
    </message>
    <message>
      <source>none: this computer</source>
      <translation>なし: このコンピューター</translation>
    </message>
  </context>
  <context>
    <name>ExemplarStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> スライス</translation>
    </message>
    <message>
      <source>Add all ticked suggestions to the library.</source>
      <translation>チェックした提案をすべてライブラリーに追加します。</translation>
    </message>
    <message>
      <source>Add as background</source>
      <translation>背景として追加</translation>
    </message>
    <message>
      <source>Add current slice</source>
      <translation>現在のスライスを追加</translation>
    </message>
    <message>
      <source>Add ticked slices</source>
      <translation>チェックしたスライスを追加</translation>
    </message>
    <message>
      <source>Blank beyond:</source>
      <translation>これより外を消去：</translation>
    </message>
    <message>
      <source>Copy the shown slice as one without any label: synthesis pastes organs onto it, and training learns from it what is not there.</source>
      <translation>表示中のスライスをラベルのないものとしてコピーします。合成では臓器をその上に貼り付け、学習では存在しないものを学びます。</translation>
    </message>
    <message>
      <source>Copy the slice shown in the slice view into the library, with the labels of the segmentation. If the library has that slice already, the labels as they are now take the place of the earlier ones.</source>
      <translation>スライスビューに表示中のスライスを、セグメンテーションのラベルとともにライブラリーへコピーします。既にある場合は、現在のラベルで以前のものを置き換えます。</translation>
    </message>
    <message>
      <source>Delete the selected exemplars from the library folder.</source>
      <translation>選択した見本をライブラリーフォルダーから削除します。</translation>
    </message>
    <message>
      <source>Direction in which the slices are stacked. All exemplars of one library should share it.</source>
      <translation>スライスを重ねる方向。1 つのライブラリーの見本はすべて同じにします。</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>検索</translation>
    </message>
    <message>
      <source>Folder of the exemplar library. It holds pixels and labels only, nothing that names a patient.</source>
      <translation>見本ライブラリーのフォルダー。画素とラベルのみを含み、患者を特定するものは含みません。</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>グレーレベル：</translation>
    </message>
    <message>
      <source>How many slices to name, the one that would add most first.</source>
      <translation>挙げるスライスの数。最も効果の大きいものが先頭です。</translation>
    </message>
    <message>
      <source>How many slices to suggest.</source>
      <translation>提案するスライスの数。</translation>
    </message>
    <message>
      <source>Library folder:</source>
      <translation>ライブラリーフォルダー：</translation>
    </message>
    <message>
      <source>Look through volumes that need no labels, and name the slices worth labelling next: those that stand for many which no exemplar is like, where the structures are expected, with what the adapter in use doubts. It takes the better part of a second a slice, 120 slices at most.</source>
      <translation>ボリュームを調べ（ラベルは不要）、次にラベル付けする価値のあるスライスを挙げます。構造がありそうな所で、どの見本にも似ていない多くのスライスを代表するもの、使用中のアダプターが迷うものです。1 スライスあたり 1 秒弱、最大 120 スライス。</translation>
    </message>
    <message>
      <source>Neighbours:</source>
      <translation>隣接スライス：</translation>
    </message>
    <message>
      <source>Number of exemplars for each class.</source>
      <translation>クラスごとの見本の数。</translation>
    </message>
    <message>
      <source>Optional, stored as a hash</source>
      <translation>任意、ハッシュとして保存</translation>
    </message>
    <message>
      <source>Optional: any text that is the same for all scans of one patient, so that validation never sees a patient of the training. Only a salted hash of it is stored.</source>
      <translation>任意：同じ患者のすべてのスキャンで共通の文字列。検証に学習中の患者が入らないようにします。保存されるのはソルト付きハッシュのみです。</translation>
    </message>
    <message>
      <source>Patient:</source>
      <translation>患者：</translation>
    </message>
    <message>
      <source>Pixels of a head can show a face. What is farther than this from the labels on each slice is blanked; a label near the face keeps the face. A library that was begun so goes on so.</source>
      <translation>頭部の画素には顔が写ることがあります。各スライスでラベルからこれより離れた部分は消去されます。顔の近くにラベルがあると顔は残ります。このように始めたライブラリーは以後も同様です。</translation>
    </message>
    <message>
      <source>Remove selected</source>
      <translation>選択を削除</translation>
    </message>
    <message>
      <source>Slice axis:</source>
      <translation>スライス軸：</translation>
    </message>
    <message>
      <source>Slices looked at. Stop ends it; what the model has seen is kept, and a next call is faster.</source>
      <translation>確認済みのスライス。「停止」で終了します。モデルが読み取った内容は残り、次回は速くなります。</translation>
    </message>
    <message>
      <source>Slices on each side to keep with every exemplar, for methods that see a stack of slices (Medical SAM Adapter with depth). 0 for all other methods.</source>
      <translation>各見本とともに保存する両側のスライス数。スライスの重なりを見る手法（深さ付き Medical SAM Adapter）用です。その他の手法では 0。</translation>
    </message>
    <message>
      <source>Slices that nobody has labelled yet, and that would add most to the library.</source>
      <translation>まだラベルがなく、ライブラリーに最も役立つスライス。</translation>
    </message>
    <message>
      <source>Slices worth labelling next, and why. Click one to show it in the slice views.</source>
      <translation>次にラベル付けする価値のあるスライスとその理由。クリックでスライスビューに表示します。</translation>
    </message>
    <message>
      <source>Suggest labelled slices of this volume as exemplars.</source>
      <translation>このボリュームのラベル付きスライスを見本として提案します。</translation>
    </message>
    <message>
      <source>Suggest next slice</source>
      <translation>次のスライスを提案</translation>
    </message>
    <message>
      <source>Suggest:</source>
      <translation>提案：</translation>
    </message>
    <message>
      <source>Suggested slices: click one to show it, untick those that should not be added.</source>
      <translation>提案されたスライス：クリックで表示。追加しないものはチェックを外します。</translation>
    </message>
    <message>
      <source>The exemplars, labels in colour. Select some to remove them.</source>
      <translation>見本（ラベルは色付き）。削除するものを選択します。</translation>
    </message>
    <message>
      <source>The library is empty.</source>
      <translation>ライブラリーは空です。</translation>
    </message>
    <message>
      <source>Unlabelled:</source>
      <translation>未ラベル：</translation>
    </message>
    <message>
      <source>What became of the slices that were added last.</source>
      <translation>最後に追加したスライスの結果。</translation>
    </message>
    <message>
      <source>Where to look: in all volumes of the scene that are CT as the one at the top is, or no CT as it is not; or in that one only.</source>
      <translation>検索範囲：上のボリュームと同じく CT である（または CT でない）シーン内のすべてのボリューム、またはそのボリュームのみ。</translation>
    </message>
    <message>
      <source>library: as the exemplars that are there already, or chosen from the voxel values for the first one. displayed: the window and level of the slice views.</source>
      <translation>ライブラリー準拠：既存の見本と同じ、最初の 1 つはボクセル値から選択。表示どおり：スライスビューのウィンドウとレベル。</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>なし</translation>
    </message>
  </context>
  <context>
    <name>SAMAdapt</name>
    <message>
      <source>1. Exemplars</source>
      <translation>1. 見本</translation>
    </message>
    <message>
      <source>2. Synthesis</source>
      <translation>2. 合成</translation>
    </message>
    <message>
      <source>3. Fine-tune</source>
      <translation>3. ファインチューニング</translation>
    </message>
    <message>
      <source>4. Use and evaluate</source>
      <translation>4. 使用と評価</translation>
    </message>
    <message>
      <source>Adapt a base model to the exemplars on this computer.</source>
      <translation>このコンピューターでベースモデルを見本に適応させます。</translation>
    </message>
    <message>
      <source>Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. Prompts are given with the effect SAM Adapt of the Segment Editor.</source>
      <translation>少数のラベル付きスライスで、Segment Anything モデルをこのコンピューター上で目的の解剖構造に適応させます。プロンプトはセグメントエディターの SAM Adapt 効果で与えます。</translation>
    </message>
    <message>
      <source>All loaded volumes</source>
      <translation>読み込まれたすべてのボリューム</translation>
    </message>
    <message>
      <source>Choose an adapter and measure how well it segments.</source>
      <translation>アダプターを選び、分割の精度を測ります。</translation>
    </message>
    <message>
      <source>Collect a handful of labelled slices in a folder.</source>
      <translation>少数のラベル付きスライスをフォルダーに集めます。</translation>
    </message>
    <message>
      <source>Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM (Zhang et al.).</source>
      <translation>ファインチューニングは Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133) に従います。ベースモデルは Segment Anything (Kirillov et al.)、MedSAM と LiteMedSAM (Ma et al.)、MobileSAM (Zhang et al.) です。</translation>
    </message>
    <message>
      <source>How training slices are made from the exemplars.</source>
      <translation>見本から学習用スライスを作る方法。</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>Segment all loaded volumes, one after the other.</source>
      <translation>読み込まれたすべてのボリュームを順に分割します。</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>セグメンテーション</translation>
    </message>
    <message>
      <source>Segmentation:</source>
      <translation>セグメンテーション：</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>セグメンテーションを選択</translation>
    </message>
    <message>
      <source>Select a volume</source>
      <translation>ボリュームを選択</translation>
    </message>
    <message>
      <source>The scan to take slices from and to segment.</source>
      <translation>スライスを取り出し、分割するスキャン。</translation>
    </message>
    <message>
      <source>The segmentation that belongs to the volume: source of exemplars, and what is evaluated.</source>
      <translation>ボリュームに対応するセグメンテーション：見本の元であり、評価の対象です。</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>このコンピューター</translation>
    </message>
    <message>
      <source>Volume:</source>
      <translation>ボリューム：</translation>
    </message>
    <message>
      <source>What the work runs on, and what is kept on disk.</source>
      <translation>処理に使うデバイスと、ディスクに保存されるもの。</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdapt</name>
    <message>
      <source> slices</source>
      <translation> スライス</translation>
    </message>
    <message>
      <source> slices missed</source>
      <translation> スライスの欠落</translation>
    </message>
    <message>
      <source>+ Object</source>
      <translation>+ 対象</translation>
    </message>
    <message>
      <source>A slice counts only if its mask overlaps the mask of the slice before by at least this much (intersection over union).</source>
      <translation>直前のスライスのマスクとの重なり（IoU）がこの値以上のときだけ、そのスライスを採用します。</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>確定</translation>
    </message>
    <message>
      <source>Accept slice</source>
      <translation>スライスを確定</translation>
    </message>
    <message>
      <source>Accept the preview, and add all slices along this view on which you have set prompts for the selected segment: those that you have corrected after a propagation. What the library has of them already is replaced.</source>
      <translation>プレビューを確定し、選択したセグメントにプロンプトを置いたこのビュー方向のスライス（伝播後に修正したもの）をすべて追加します。ライブラリーに既にあるものは置き換えられます。</translation>
    </message>
    <message>
      <source>Accept the preview, and add the slice last clicked on, as it is labelled now, to the exemplar library that adapters are trained on. If the library has that slice already, the labels as they are now take the place of the earlier ones. (X)</source>
      <translation>プレビューを確定し、最後にクリックしたスライスを現在のラベルのまま、アダプターの学習に使う見本ライブラリーに追加します。既にある場合は、現在のラベルで以前のものを置き換えます。(X)</translation>
    </message>
    <message>
      <source>Accept, and begin another object of this segment with the next prompt, also on this slice.</source>
      <translation>確定し、次のプロンプトでこのセグメントの別の対象を始めます（同じスライスでも可）。</translation>
    </message>
    <message>
      <source>Adapter:</source>
      <translation>アダプター：</translation>
    </message>
    <message>
      <source>Add prompted</source>
      <translation>プロンプト分を追加</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>スライスを見本に追加</translation>
    </message>
    <message>
      <source>An adapter from the shelf, trained on few labelled slices. It brings its base model and its intensity mapping along.</source>
      <translation>少数のラベル付きスライスで学習したアダプター。ベースモデルとグレーレベルの対応も含みます。</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>Base model. An adapter brings its own.</source>
      <translation>ベースモデル。アダプターは自身のものを使います。</translation>
    </message>
    <message>
      <source>Base model:</source>
      <translation>ベースモデル：</translation>
    </message>
    <message>
      <source>Box</source>
      <translation>ボックス</translation>
    </message>
    <message>
      <source>By the model's memory</source>
      <translation>モデルの記憶を使う</translation>
    </message>
    <message>
      <source>Carry corrections on to the slices beside, as far as they change anything there.</source>
      <translation>修正を隣のスライスへ、変化がある限り伝播します。</translation>
    </message>
    <message>
      <source>Carry on</source>
      <translation>伝播する</translation>
    </message>
    <message>
      <source>Carry the object from slice to slice, from every slice with prompts on it.</source>
      <translation>プロンプトのある各スライスから、対象をスライスごとに伝播します。</translation>
    </message>
    <message>
      <source>Clicks mark the object. Ctrl+click marks what does not belong to it.</source>
      <translation>クリックで対象を示します。Ctrl+クリックで対象でない部分を示します。</translation>
    </message>
    <message>
      <source>Clicks mark what does not belong to the object.</source>
      <translation>クリックで対象でない部分を示します。</translation>
    </message>
    <message>
      <source>Continue from this segment</source>
      <translation>このセグメントから続ける</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>修正</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>デバイス：</translation>
    </message>
    <message>
      <source>Drag a box around the object. A click without a drag is a point, whatever is chosen here.</source>
      <translation>対象を囲むボックスをドラッグします。ドラッグしないクリックは、ここの選択に関係なく点になります。</translation>
    </message>
    <message>
      <source>Drag a line around the object; it closes itself when the button is released (L).</source>
      <translation>対象を囲む線をドラッグします。ボタンを離すと自動で閉じます (L)。</translation>
    </message>
    <message>
      <source>Drag a line over the object; with Ctrl, or with Background, over what does not belong to it (S).</source>
      <translation>対象の上に線をドラッグします。Ctrl または「背景」では、対象でない部分の上に引きます (S)。</translation>
    </message>
    <message>
      <source>Drop</source>
      <translation>破棄</translation>
    </message>
    <message>
      <source>Drop all prompts that are not accepted; while the model goes through the volume: stop and write nothing (Escape).</source>
      <translation>確定していないプロンプトをすべて破棄します。モデルがボリュームを処理中の場合は、停止して何も書き込みません (Esc)。</translation>
    </message>
    <message>
      <source>End after:</source>
      <translation>終了条件：</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>検索</translation>
    </message>
    <message>
      <source>Fine-tuned on your exemplars.</source>
      <translation>お手持ちの見本でファインチューニング済み。</translation>
    </message>
    <message>
      <source>Give up waiting; what goes through the volume writes what it has found so far.</source>
      <translation>待機をやめます。ボリュームの処理中は、それまでに見つかったものを書き込みます。</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>グレーレベル：</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts, in each direction.</source>
      <translation>両端のプロンプトの先、各方向に何スライスまで。</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts.</source>
      <translation>両端のプロンプトの先、何スライスまで。</translation>
    </message>
    <message>
      <source>In both directions.</source>
      <translation>両方向。</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>投げ縄</translation>
    </message>
    <message>
      <source>Least overlap:</source>
      <translation>最小の重なり：</translation>
    </message>
    <message>
      <source>Look for what these words name on all slices, and add it to the selected segment.</source>
      <translation>これらの言葉が指すものを全スライスで探し、選択したセグメントに追加します。</translation>
    </message>
    <message>
      <source>Mask:</source>
      <translation>マスク：</translation>
    </message>
    <message>
      <source>Mend a segment that is there already, whoever has made it.</source>
      <translation>既にあるセグメントを、誰が作ったものでも直します。</translation>
    </message>
    <message>
      <source>New object</source>
      <translation>新しい対象</translation>
    </message>
    <message>
      <source>On: clicks, boxes and lines mend what the selected segment has on a slice, also where another tool has drawn it, and are written at once. One undo takes each back. New object ends it.</source>
      <translation>オン:クリック、ボックス、線で、選択したセグメントのスライス上の内容を直します。他のツールで描いたものも直せ、すぐに書き込まれます。取り消しは一つずつ。「新しい対象」で終わります。</translation>
    </message>
    <message>
      <source>On: the answer is shown half-transparent, and Enter writes it. Off: each prompt is written at once, and replaces what these prompts had written before.</source>
      <translation>オン：結果を半透明で表示し、Enter で書き込みます。オフ：プロンプトごとにすぐ書き込み、これらのプロンプトが以前に書き込んだものを置き換えます。</translation>
    </message>
    <message>
      <source>One click may mean a part or the whole. Automatic takes the mask in which the model trusts most.</source>
      <translation>1 回のクリックは一部または全体を意味します。「自動」はモデルが最も信頼するマスクを使います。</translation>
    </message>
    <message>
      <source>Preview before writing</source>
      <translation>書き込み前にプレビュー</translation>
    </message>
    <message>
      <source>Propagate</source>
      <translation>伝播</translation>
    </message>
    <message>
      <source>Reach:</source>
      <translation>範囲：</translation>
    </message>
    <message>
      <source>Scribble</source>
      <translation>落書き</translation>
    </message>
    <message>
      <source>Segment the whole volume with no click: all that the adapter finds by itself. Each class is added to the segment of its name, which is made where there is none. One undo takes all of it back.</source>
      <translation>クリックなしで全体を分割します：アダプターが自力で見つけるものすべて。各クラスは同名のセグメントに入り、なければ作成されます。1 回の取り消しですべて戻ります。</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>スライス</translation>
    </message>
    <message>
      <source>Slices with prompts, and those found from them. The bar is the overlap (IoU) that the model expects; orange is worth a look. The keys [ and ] go to the previous and the next one with prompts or doubt.</source>
      <translation>プロンプトのあるスライスと、そこから見つかったスライス。バーはモデルが予想する重なり (IoU) で、オレンジは要確認です。[ と ] キーで、プロンプトまたは疑問のある前後のスライスへ移動します。</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Stop rule.</source>
      <translation>停止規則。</translation>
    </message>
    <message>
      <source>Take the last point, box or line back (Backspace).</source>
      <translation>最後の点、ボックス、線を取り消します (Backspace)。</translation>
    </message>
    <message>
      <source>The model is at work.</source>
      <translation>モデルが処理中です。</translation>
    </message>
    <message>
      <source>The slice last clicked on or pointed at is right as it is: nothing of SAM Adapt changes it for this segment. A padlock marks it in the views. Once more: release it. (K)</source>
      <translation>最後にクリックまたは指したスライスは現状のままで正しく、SAM Adapt はこのセグメントについて変更しません。ビューでは錠前で示されます。もう一度押すと解除します。(K)</translation>
    </message>
    <message>
      <source>The way ends where so many slices in a row break a rule.</source>
      <translation>この数のスライスが続けて規則に反すると終了します。</translation>
    </message>
    <message>
      <source>Towards the feet (axial), the back (coronal) or the left (sagittal).</source>
      <translation>足側（アキシャル）、背側（コロナル）、左側（サジタル）へ。</translation>
    </message>
    <message>
      <source>Towards the head (axial), the front (coronal) or the right (sagittal).</source>
      <translation>頭側（アキシャル）、腹側（コロナル）、右側（サジタル）へ。</translation>
    </message>
    <message>
      <source>Undo prompt</source>
      <translation>プロンプトを戻す</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>重み：</translation>
    </message>
    <message>
      <source>What Find looks for, in words; the segment's name where this is left empty.</source>
      <translation>「検索」で探すものを表す言葉。空の場合はセグメント名を使います。</translation>
    </message>
    <message>
      <source>What segments. Larger models take longer for a slice that is shown for the first time.</source>
      <translation>分割に使うもの。大きなモデルほど、初めて表示するスライスに時間がかかります。</translation>
    </message>
    <message>
      <source>What the model remembers of other slices carries the object, as through a video, and not the mask of the slice before. The rules hold as well.</source>
      <translation>直前のスライスのマスクではなく、動画のように、モデルが記憶した他のスライスによって対象を伝播します。規則は同様に適用されます。</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one.</source>
      <translation>モデルを実行するデバイス。「自動」はグラフィックカードがあればそれを使います。</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one. Kept for this computer.</source>
      <translation>モデルを実行するデバイス。「自動」はグラフィックカードがあればそれを使います。このコンピューターに保存されます。</translation>
    </message>
    <message>
      <source>Which of the model's answers is taken.</source>
      <translation>モデルのどの結果を使うか。</translation>
    </message>
    <message>
      <source>Which values become black and white for the model.</source>
      <translation>モデルにとってどの値が黒と白になるか。</translation>
    </message>
    <message>
      <source>Which values become black and white for the model. Choose an entry, or type window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax.</source>
      <translation>モデルにとってどの値が黒と白になるか。項目を選ぶか、window:LEVEL/WIDTH、percentile:LOW/HIGH、minmax のいずれかを入力します。</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter.</source>
      <translation>アダプターがある場合にどの重みが答えるか。</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter. On slices that its training held out, points, boxes, boxes with clicks and propagation were tried with the adapted and with the base weights; usually each is answered by those that were better there.</source>
      <translation>アダプターがある場合にどの重みが答えるか。学習から除いたスライスで、点、ボックス、クリック付きボックス、伝播を、適応後の重みとベースの重みの両方で試しました。通常はそれぞれ良かった方が答えます。</translation>
    </message>
    <message>
      <source>Whole volume without clicks</source>
      <translation>クリックなしで全体</translation>
    </message>
    <message>
      <source>Write the preview to the segment (Enter). Editable area, intensity range and overwriting are those of the Segment Editor's masking.</source>
      <translation>プレビューをセグメントに書き込みます (Enter)。編集可能な領域、濃度範囲、上書きはセグメントエディターのマスキング設定に従います。</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>ボリュームの端まで</translation>
    </message>
    <message>
      <source>− Background</source>
      <translation>− 背景</translation>
    </message>
    <message>
      <source>▲ Up</source>
      <translation>▲ 上へ</translation>
    </message>
    <message>
      <source>▼ Down</source>
      <translation>▼ 下へ</translation>
    </message>
    <message>
      <source>▼▲ Both</source>
      <translation>▼▲ 両方</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.SegmentEditorEffect</name>
    <message>
      <source>&lt;html&gt;
&lt;p&gt;Segment by clicks, boxes and lines with a Segment Anything model, adapted to your data where an adapter is chosen.
Works in all slice views, oblique ones too.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;New object:&lt;/b&gt; begin another one on the same slice.
&lt;/ul&gt;
&lt;p&gt;Accepted prompts are kept with the segment; further clicks on that slice go on with them. Propagate carries the
object from all slices with prompts through the volume. What may be written is set under &lt;i&gt;Masking&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Adapters trained for it segment the whole volume without prompts: &lt;b&gt;Auto&lt;/b&gt; everything that they know, each class
into the segment of its name; &lt;b&gt;Find&lt;/b&gt; what you name in words, into the selected segment.&lt;/p&gt;
&lt;/html&gt;</source>
      <translation>&lt;html&gt;
&lt;p&gt;クリック、ボックス、線により Segment Anything モデルで分割します。アダプターを選ぶとデータに適応したモデルになります。
斜めのものも含め、すべてのスライスビューで使えます。&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;新しい対象：&lt;/b&gt;同じスライスで別の対象を始めます。
&lt;/ul&gt;
&lt;p&gt;確定したプロンプトはセグメントとともに保存され、そのスライスでの次のクリックはその続きになります。「伝播」は、プロンプトのある
すべてのスライスから対象をボリューム全体へ広げます。書き込める範囲は&lt;i&gt;マスキング&lt;/i&gt;で設定します。&lt;/p&gt;
&lt;p&gt;専用に学習したアダプターはプロンプトなしで全体を分割します：&lt;b&gt;自動&lt;/b&gt;は既知のものすべてを、クラスごとに
同名のセグメントへ。&lt;b&gt;検索&lt;/b&gt;は言葉で指定したものを、選択したセグメントへ。&lt;/p&gt;
&lt;/html&gt;</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.Workbench</name>
    <message>
      <source>Click again, it will be started anew</source>
      <translation>もう一度クリックすると再起動します</translation>
    </message>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>セグメントが選択されていません。先に追加または選択してください。</translation>
    </message>
    <message>
      <source>Only along the volume's own slices: this view is oblique to them.</source>
      <translation>ボリューム自身のスライスに沿ってのみ可能です。このビューは斜めです。</translation>
    </message>
    <message>
      <source>Prompts have to wait while the model goes through the volume. Stop ends that.</source>
      <translation>モデルがボリュームを処理している間、プロンプトは待ってください。「停止」で終了します。</translation>
    </message>
    <message>
      <source>Stopped. A download goes on where it was with the next click.</source>
      <translation>停止しました。次のクリックでダウンロードは続きから再開します。</translation>
    </message>
    <message>
      <source>The model's process ended by itself ({last})</source>
      <translation>モデルのプロセスが予期せず終了しました ({last})</translation>
    </message>
  </context>
  <context>
    <name>SynthesisStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> スライス</translation>
    </message>
    <message>
      <source> °</source>
      <translation> °</translation>
    </message>
    <message>
      <source>Background moves:</source>
      <translation>背景の移動：</translation>
    </message>
    <message>
      <source>Blur:</source>
      <translation>ぼかし：</translation>
    </message>
    <message>
      <source>Brightness:</source>
      <translation>明るさ：</translation>
    </message>
    <message>
      <source>Contrast:</source>
      <translation>コントラスト：</translation>
    </message>
    <message>
      <source>Exemplars on the left, synthetic slices beside them, labels below.</source>
      <translation>左が見本、その隣が合成スライス、下がラベル。</translation>
    </message>
    <message>
      <source>Gamma:</source>
      <translation>ガンマ：</translation>
    </message>
    <message>
      <source>How far organs and background may be moved, bent and tinted.</source>
      <translation>臓器と背景をどこまで移動・変形・濃淡変化させてよいか。</translation>
    </message>
    <message>
      <source>How many synthetic slices the preview shows.</source>
      <translation>プレビューに表示する合成スライスの数。</translation>
    </message>
    <message>
      <source>Longest shift:</source>
      <translation>最大移動量：</translation>
    </message>
    <message>
      <source>Mirror left-right:</source>
      <translation>左右反転：</translation>
    </message>
    <message>
      <source>Mirror top-bottom:</source>
      <translation>上下反転：</translation>
    </message>
    <message>
      <source>On bone:</source>
      <translation>骨の上：</translation>
    </message>
    <message>
      <source>Organs pasted:</source>
      <translation>貼り付ける臓器：</translation>
    </message>
    <message>
      <source>Outside the body:</source>
      <translation>体の外：</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>プレビュー</translation>
    </message>
    <message>
      <source>Put all transformations back to their defaults.</source>
      <translation>すべての変形を既定値に戻します。</translation>
    </message>
    <message>
      <source>Reset to defaults</source>
      <translation>既定値に戻す</translation>
    </message>
    <message>
      <source>Rotation:</source>
      <translation>回転：</translation>
    </message>
    <message>
      <source>Seed:</source>
      <translation>シード：</translation>
    </message>
    <message>
      <source>Shift:</source>
      <translation>移動：</translation>
    </message>
    <message>
      <source>Show some synthetic slices beside their exemplars.</source>
      <translation>見本の隣に合成スライスをいくつか表示します。</translation>
    </message>
    <message>
      <source>Size:</source>
      <translation>サイズ：</translation>
    </message>
    <message>
      <source>Soft seam:</source>
      <translation>境界のぼかし：</translation>
    </message>
    <message>
      <source>Synthetic slices:</source>
      <translation>合成スライス：</translation>
    </message>
    <message>
      <source>Transformations</source>
      <translation>変形</translation>
    </message>
    <message>
      <source>Whole slices:</source>
      <translation>スライス全体：</translation>
    </message>
  </context>
  <context>
    <name>TrainingStep</name>
    <message>
      <source> min</source>
      <translation> 分</translation>
    </message>
    <message>
      <source>Budget:</source>
      <translation>予算：</translation>
    </message>
    <message>
      <source>Estimated memory of the training, and what is free.</source>
      <translation>学習に必要な推定メモリーと空き容量。</translation>
    </message>
    <message>
      <source>Go on with the stopped training of this name.</source>
      <translation>この名前の停止した学習を再開します。</translation>
    </message>
    <message>
      <source>Log of the training, at most a line a second.</source>
      <translation>学習のログ（毎秒最大 1 行）。</translation>
    </message>
    <message>
      <source>Method:</source>
      <translation>手法：</translation>
    </message>
    <message>
      <source>Model:</source>
      <translation>モデル：</translation>
    </message>
    <message>
      <source>Name of the new adapter</source>
      <translation>新しいアダプターの名前</translation>
    </message>
    <message>
      <source>Name of the new adapter.</source>
      <translation>新しいアダプターの名前。</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>名前：</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>実行中の学習はありません。</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>グラフ</translation>
    </message>
    <message>
      <source>Progress of the training.</source>
      <translation>学習の進行状況。</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>再開</translation>
    </message>
    <message>
      <source>Show the plot of loss and Dice.</source>
      <translation>損失と Dice のグラフを表示します。</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>開始</translation>
    </message>
    <message>
      <source>Start the training in a process of its own; Slicer stays usable.</source>
      <translation>別プロセスで学習を開始します。Slicer はそのまま使えます。</translation>
    </message>
    <message>
      <source>State of the training.</source>
      <translation>学習の状態。</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Train on synthetic slices too</source>
      <translation>合成スライスでも学習</translation>
    </message>
    <message>
      <source>Validation:</source>
      <translation>検証：</translation>
    </message>
    <message>
      <source>Write a checkpoint and stop; the training can be resumed.</source>
      <translation>チェックポイントを書き込んで停止します。学習は再開できます。</translation>
    </message>
  </context>
  <context>
    <name>VolumesStep</name>
    <message>
      <source>All classes: only with an adapter that finds objects by itself. Words: only with one that was trained with texts. Prompts: each object that was clicked or boxed with the effect SAM Adapt in a segmentation of the volume is carried through it.</source>
      <translation>全クラス：自力で対象を見つけるアダプターのみ。言葉：テキストで学習したアダプターのみ。プロンプト：ボリュームのセグメンテーションで SAM Adapt 効果によりクリックまたはボックス指定した各対象を、ボリューム全体へ伝播します。</translation>
    </message>
    <message>
      <source>Find:</source>
      <translation>検索対象：</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>検出結果</translation>
    </message>
    <message>
      <source>Make a table node of volumes in mL, mean values, slices and reasons, which Slicer saves with the scene or as .csv.</source>
      <translation>体積 (mL)、平均値、スライス、理由の表ノードを作成します。Slicer でシーンとともに、または .csv で保存できます。</translation>
    </message>
    <message>
      <source>Make a table of it</source>
      <translation>表を作成</translation>
    </message>
    <message>
      <source>Objects, with commas between them; each becomes a segment.</source>
      <translation>対象を半角コンマ (,) で区切ります。それぞれが 1 つのセグメントになります。</translation>
    </message>
    <message>
      <source>Put what was found in each volume that came from the DICOM database back into it, as a DICOM segmentation beside its series. It says whose it is, as the series does.</source>
      <translation>DICOM データベースから読み込んだ各ボリュームで見つかったものを、DICOM セグメンテーションとしてシリーズと並べて保存します。シリーズと同様に患者名を含みます。</translation>
    </message>
    <message>
      <source>Save them as DICOM SEG</source>
      <translation>DICOM SEG として保存</translation>
    </message>
    <message>
      <source>Segment all volumes</source>
      <translation>すべてのボリュームを分割</translation>
    </message>
    <message>
      <source>Segment one volume after the other beside the application, each into a segmentation of its own. One that fails costs no other. Stop leaves the one at hand as it is.</source>
      <translation>アプリケーションと並行してボリュームを順に分割し、それぞれ別のセグメンテーションにします。1 つが失敗しても他に影響しません。「停止」では処理中のものはそのまま残ります。</translation>
    </message>
    <message>
      <source>State</source>
      <translation>状態</translation>
    </message>
    <message>
      <source>Volume</source>
      <translation>ボリューム</translation>
    </message>
    <message>
      <source>Volumes that are done.</source>
      <translation>完了したボリューム。</translation>
    </message>
    <message>
      <source>Volumes:</source>
      <translation>ボリューム：</translation>
    </message>
    <message>
      <source>What has become of each volume. Double-click one to see it with what was found.</source>
      <translation>各ボリュームの結果。ダブルクリックで、見つかったものとともに表示します。</translation>
    </message>
    <message>
      <source>What is looked for, with the adapter that is in use (step 4).</source>
      <translation>使用中のアダプター（ステップ 4）で探すもの。</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>DICOM データベースに保存されたものと、されなかったもの。</translation>
    </message>
    <message>
      <source>Which of the loaded greyscale volumes are segmented. One that is seen together with another is no scan of its own.</source>
      <translation>読み込まれたグレースケールボリュームのうち分割するもの。他と併用するボリュームは独立したスキャンとは扱いません。</translation>
    </message>
    <message>
      <source>Words:</source>
      <translation>言葉：</translation>
    </message>
    <message>
      <source>liver, left kidney</source>
      <translation>liver, left kidney</translation>
    </message>
  </context>
  <context>
    <name>app.DeviceSelector</name>
    <message>
      <source>Automatic</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation>{name}（見つかりません）</translation>
    </message>
    <message>
      <source>{title} ({name})</source>
      <translation>{title} ({name})</translation>
    </message>
  </context>
  <context>
    <name>app.Downloads</name>
    <message>
      <source>Choose it again to download it, or choose another model</source>
      <translation>もう一度選んでダウンロードするか、別のモデルを選んでください</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation>モデルを取得中：{done}</translation>
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation>モデルを取得中：{done} / {total}</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation>モデル {title} はこのコンピューターにありません</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation>モデル {title} はまだこのコンピューターにありません。重みのサイズは {size} です（ライセンス：{licence}）。ダウンロードは 1 度だけで保存され、停止したダウンロードは続きから再開します。

今すぐダウンロードしますか？</translation>
    </message>
    <message>
      <source>{count:.0f} MB</source>
      <translation>{count:.0f} MB</translation>
    </message>
    <message>
      <source>{count:.1f} GB</source>
      <translation>{count:.1f} GB</translation>
    </message>
  </context>
  <context>
    <name>app.Installation</name>
    <message>
      <source>A package was installed but cannot be loaded ({error})</source>
      <translation>パッケージはインストールされましたが読み込めません ({error})</translation>
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation>ネットワークと空き容量を確認してやり直してください。詳細はアプリケーションログにあります</translation>
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation>拡張機能マネージャーから PyTorch 拡張機能をインストールし、アプリケーションを再起動してください</translation>
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation>テストの前にパッケージをインストールしてください</translation>
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation>アプリケーションのテスト中は何もインストールしません</translation>
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation>インストール後もパッケージが不足しています</translation>
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation>NVIDIA グラフィックカード用の PyTorch の場合は数 GB になります。</translation>
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation>Python パッケージをダウンロードしてインストールしています。数分かかります。</translation>
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation>アプリケーションを再起動してやり直してください。詳細はアプリケーションログにあります</translation>
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation>アプリケーションを再起動してください。改善しない場合は、PyTorch Utils モジュールで PyTorch をアンインストールし、別の計算バックエンド（cpu など）用に再インストールしてください</translation>
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation>SAM Adapt には PyTorch が必要です。PyTorch 拡張機能でインストールされます</translation>
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation>SAM Adapt に必要な Python パッケージがインストールされていません</translation>
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation>SAM Adapt には次の Python パッケージが必要です：</translation>
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation>Python パッケージは既にインストール中です</translation>
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation>インストールに失敗しました ({error})</translation>
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation>ダウンロードして Slicer の Python にインストールします。続けますか？</translation>
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation>合計で約 {total} MB のディスク容量を使います。</translation>
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation>やり直してインストールに同意してください</translation>
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation>完了を待ってからやり直してください</translation>
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation>予期しないエラーが発生しました：{error}

やり直してください。再発する場合は、アプリケーションログに詳細があります（ヘルプ、バグの報告）。</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} 時間 {minutes} 分</translation>
    </message>
    <message>
      <source>{minutes} min {seconds} s</source>
      <translation>{minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
      <source>{seconds} s</source>
      <translation>{seconds} 秒</translation>
    </message>
  </context>
  <context>
    <name>app.ModelChoice</name>
    <message>
      <source>Choose a base model or an adapter first</source>
      <translation>先にベースモデルまたはアダプターを選んでください</translation>
    </message>
    <message>
      <source>No model is chosen</source>
      <translation>モデルが選択されていません</translation>
    </message>
  </context>
  <context>
    <name>app.Polling</name>
    <message>
      <source>A newer request has replaced this one</source>
      <translation>新しい要求に置き換えられました</translation>
    </message>
    <message>
      <source>Stopped on request</source>
      <translation>要求により停止しました</translation>
    </message>
  </context>
  <context>
    <name>app.Settings</name>
    <message>
      <source>Cannot delete the embeddings ({error})</source>
      <translation>埋め込みを削除できません ({error})</translation>
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation>フォルダーのアクセス権を確認してください</translation>
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation>「このコンピューター」でトークンのファイルを選んでください</translation>
    </message>
    <message>
      <source>The server needs a token</source>
      <translation>サーバーにはトークンが必要です</translation>
    </message>
  </context>
  <context>
    <name>app.Titles</name>
    <message>
      <source>axial</source>
      <translation>アキシャル</translation>
    </message>
    <message>
      <source>coronal</source>
      <translation>コロナル</translation>
    </message>
    <message>
      <source>displayed</source>
      <translation>表示どおり</translation>
    </message>
    <message>
      <source>library</source>
      <translation>ライブラリー準拠</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>サジタル</translation>
    </message>
  </context>
  <context>
    <name>app.Weights</name>
    <message>
      <source>Always the adapter's</source>
      <translation>常にアダプターの重み</translation>
    </message>
    <message>
      <source>Always the base model's</source>
      <translation>常にベースモデルの重み</translation>
    </message>
    <message>
      <source>Better ones for each prompt</source>
      <translation>プロンプトごとに良い方</translation>
    </message>
    <message>
      <source>{text}.</source>
      <translation>{text}。</translation>
    </message>
  </context>
  <context>
    <name>console.Correction</name>
    <message>
      <source>Give points inside of it</source>
      <translation>その内側の点を指定してください</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation>誤っている所に points=[(R, A, S, 0)] を指定してください</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>プロンプトがありません</translation>
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation>先にその 1 スライスを分割してください</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>プロンプトがボリュームの外にあります</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation>セグメントが空です：修正するものがありません</translation>
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation>DICOM モジュールでデータベースを確認するか、.seg.nrrd として保存してください</translation>
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation>セグメントエディターのマスターボリューム横のボタンで、このボリュームをソースジオメトリに選んでください</translation>
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation>DICOM モジュールでシリーズをもう一度インポートしてください</translation>
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation>拡張機能マネージャーで Quantitative Reporting をインストールしてアプリケーションを再起動するか、Python コンソールに slicer.util.pip_install("highdicom") と入力してください</translation>
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation>DICOM モジュールでシリーズを読み込んで分割するか、セグメンテーションを .seg.nrrd として保存してください</translation>
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation>両方を同じ変換の下に置くか、両方から外してください</translation>
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation>Quantitative Reporting はセグメンテーションを保存できませんでした ({told})</translation>
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation>DICOM SEG での保存には、拡張機能 Quantitative Reporting または Python パッケージ highdicom が必要です</translation>
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation>DICOM データベースがセグメンテーションを受け付けませんでした</translation>
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation>DICOM データベースにはボリュームの {total} ファイル中 {there} しかありません</translation>
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation>詳細はアプリケーションログを参照するか、.seg.nrrd として保存してください</translation>
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation>どのボリューム上で作られたセグメンテーションか記録されていません</translation>
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation>セグメンテーションがボリュームと異なる変換の下にあります</translation>
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation>ボリュームは DICOM データベースから読み込まれていません</translation>
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation>このセグメンテーションは受け付けられません</translation>
    </message>
    <message>
      <source>it wrote no file</source>
      <translation>ファイルが書き出されませんでした</translation>
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation>評価の表を選んでください</translation>
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation>先にセグメンテーションを評価してください</translation>
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation>SAM Adapt 評価</translation>
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation>表に描画できる数値がありません</translation>
    </message>
    <message>
      <source>This table holds something else</source>
      <translation>この表には別の内容が入っています</translation>
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation>スライス {index} ({axis}) を見本ライブラリーに入れ、以前の輪郭を置き換えました。</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation>スライス {index} ({axis}) を見本ライブラリーに入れました。</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation>スライス {index} ({axis}) は同じ輪郭で既に見本ライブラリーにあります。</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation>{count} スライスを見本ライブラリーに入れました（うち {replaced} は以前の輪郭を置き換え）。</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation>{count} スライスを見本ライブラリーに入れました。</translation>
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation>同じ構造のセグメントには同じ名前を付けてください</translation>
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation>参照と同じ名前のセグメントがありません</translation>
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation>テキストで学習したアダプターを選んでください</translation>
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation>SAM Adapt 効果で、各対象の 1 スライスに与えてください</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>もう一度読み込んでください</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>1 つ読み込んでください</translation>
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation>このボリュームのセグメンテーションにプロンプトがありません</translation>
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation>どのスライスでも見つかりませんでした</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>ボリュームはもうシーンにありません</translation>
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation>その間にボリュームがシーンから削除されました</translation>
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation>分割するボリュームがありません</translation>
    </message>
    <message>
      <source>This model reads no words</source>
      <translation>このモデルは言葉を読めません</translation>
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation>既にボリュームを分割中です</translation>
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation>終了を待つか、先に停止してください</translation>
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation>ボクセルを渡せません ({error})</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>1 つ読み込んでください</translation>
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation>ディスクの空きを増やしてください</translation>
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation>スライスを選ぶボリュームがありません</translation>
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation>1 つ、または最大 3 つ指定してください</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>ボリュームが選択されていません</translation>
    </message>
  </context>
  <context>
    <name>console.SliceSegmentation</name>
    <message>
      <source>Choose one of {names}</source>
      <translation>{names} から選んでください</translation>
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation>アダプターのものを使うには weights='adapted' で有効にしてください</translation>
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation>1 つの対象にボックスを 1 つ指定してください</translation>
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation>その内側の点を指定してください</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation>points=[(R, A, S, 1)] または box=((R, A, S), (R, A, S)) を指定してください</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>プロンプトがありません</translation>
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation>先に 1 スライスを分割するか、プロンプトの軸を選んでください</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>プロンプトがボリュームの外にあります</translation>
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation>セグメントはまだどのスライス ({axis}) にもありません</translation>
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation>点の代わりにボックス、近くのスライスへの 2 つ目のプロンプト、またはアダプターを試してください</translation>
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation>プロンプトのうち 2 つがボックスです</translation>
    </message>
    <message>
      <source>Unknown direction</source>
      <translation>不明な方向</translation>
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation>{name}：伝播はすぐに終了しました：{reason}</translation>
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation>フレーム</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>体積 (mL)</translation>
    </message>
    <message>
      <source>{name} over time</source>
      <translation>{name} の時間変化</translation>
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation>既に学習が実行中です</translation>
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation>先にステップ 1 でスライスを追加してください</translation>
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation>Python コンソールで指定してください：fineTune(name=..., library=..., resume=True)</translation>
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation>この名前の停止した学習はありません</translation>
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation>開始するか、停止した学習の名前を指定してください</translation>
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation>ライブラリーにラベル付きの見本がありません</translation>
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation>この学習はどのライブラリーで始めたか記録されていません</translation>
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation>終了を待つか、先に停止してください</translation>
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation>SAM Adapt ボリューム</translation>
    </message>
  </context>
  <context>
    <name>edit.AlongTime</name>
    <message>
      <source>The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least (frame {other}).</source>
      <translation>セグメントは {found}/{count} フレームにあります：最大 {most} mL（フレーム {frame}）、最小 {least} mL（フレーム {other}）。</translation>
    </message>
    <message>
      <source>The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.</source>
      <translation>セグメントは他のフレームに伝播されませんでした。停止規則を緩めるか、他のフレームにもプロンプトを置いてください。</translation>
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation>別の向きのスライスで修正中です</translation>
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>先にセグメントを追加または選択してください</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>足りない所をクリック、余分な所を Ctrl+クリックします。ボックスはそのスライス上の全体を示します。</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation>先に 1 スライスに、任意のツールまたはプロンプトで描いてください</translation>
    </message>
    <message>
      <source>No segment is selected</source>
      <translation>セグメントが選択されていません</translation>
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>変化はありません。モデルは今の内容と一致しています。誤っている所をクリックするか、ボックスを描いてください。</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>スライス {index} を変更しました。</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation>セグメントが空です：続ける元がありません</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>終了を待つか、先に停止してください</translation>
    </message>
    <message>
      <source>{count} slices changed, {first} to {last}.</source>
      <translation>{count} スライスを変更しました({first} から {last})。</translation>
    </message>
  </context>
  <context>
    <name>edit.Draft</name>
    <message>
      <source>Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.</source>
      <translation>マスク {shown}/{count} を表示中、予想 IoU {iou}。キー 1〜{count}：小から大。</translation>
    </message>
  </context>
  <context>
    <name>edit.EffectController</name>
    <message>
      <source>Grown from the point, since this model knows boxes only: check it, or draw a box.</source>
      <translation>このモデルはボックスのみ対応のため、点から広げました。確認するか、ボックスを描いてください。</translation>
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation>ボリュームの外です。画像上に描いてください。</translation>
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>その位置はボリュームの外です。画像上をクリックしてください。</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation>モデルはそこで何も見つけられません。対象の内側に点を加えるか、囲むボックスを描いてください。</translation>
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation>このモデルは点で学習しておらず、ここには際立つものがありません。ボックスを描いてください。</translation>
    </message>
    <message>
      <source>This slice is accepted. Release it first, with Accept slice or the key K.</source>
      <translation>このスライスは確定済みです。先に「スライスを確定」または K キーで解除してください。</translation>
    </message>
  </context>
  <context>
    <name>edit.Exemplars</name>
    <message>
      <source>A correction is under way, and the slice may change yet</source>
      <translation>修正中のため、スライスはまだ変わる可能性があります</translation>
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation>標準の向きのスライスをクリックしてください</translation>
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation>先にクリックで修正するか、表示中のスライスを追加してください</translation>
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation>見本はボリュームの完全なスライスです</translation>
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation>このビュー方向に、選択したセグメントのプロンプトがあるスライスはありません</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>終了を待つか、先に停止してください</translation>
    </message>
  </context>
  <context>
    <name>edit.ModelUse</name>
    <message>
      <source>Python packages have to be installed first. Click into a slice view to install them.</source>
      <translation>先に Python パッケージのインストールが必要です。スライスビューをクリックするとインストールします。</translation>
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation>モデル {title} ({size}) はまだこのコンピューターにありません。スライスビューをクリックするとダウンロードします。</translation>
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation>先に確定するか破棄してください</translation>
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation>先に「フレームごとに 1 つのセグメンテーション」を選んでください</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>先に対象をクリックしてください</translation>
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation>それがあるスライスへ移動してください</translation>
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation>前のフレームへ移動してください</translation>
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation>ボリュームのスライスが選択されていません</translation>
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation>セグメントはこのスライスにありません</translation>
    </message>
    <message>
      <source>The segment is on this slice already. Mend it by clicks, or go on.</source>
      <translation>セグメントは既にこのスライスにあります。クリックで直すか、次へ進んでください。</translation>
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation>セグメンテーションが全フレームで共通です</translation>
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation>確定していないプロンプトがあります</translation>
    </message>
    <message>
      <source>This is the last frame</source>
      <translation>最後のフレームです</translation>
    </message>
  </context>
  <context>
    <name>edit.Propagation</name>
    <message>
      <source>Choose a standard orientation, or rotate the view to the volume plane</source>
      <translation>標準の向きを選ぶか、ビューをボリューム平面に回転してください</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>先に対象をクリックしてください</translation>
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>スライスが選択されていません</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation>プロンプトの隣のスライスでは何も見つかりませんでした。停止規則を緩めるか、プロンプトを追加してください。</translation>
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation>伝播はすぐに終了しました：{reason}。点の代わりにボックス、近くのスライスへの 2 つ目のプロンプト、または緩い停止規則を試してください。</translation>
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation>伝播はボリューム自身のスライスに沿って行われますが、このビューは斜めです</translation>
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation>このスライスにプロンプトを置くか、セグメントが描かれたスライスへ移動してください</translation>
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>スライス {index} を書き込みました。</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation>伝播する元がありません</translation>
    </message>
    <message>
      <source>{count} slices written, {first} to {last}.</source>
      <translation>{count} スライスを書き込みました（{first}〜{last}）。</translation>
    </message>
  </context>
  <context>
    <name>edit.Reporting</name>
    <message>
      <source>Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. Change the editable area, the intensity range or the geometry.</source>
      <translation>何も書き込まれませんでした：マスキング設定がこの場所を除外しているか、セグメンテーションのジオメトリが届いていません。編集可能な領域、濃度範囲、ジオメトリのいずれかを変更してください。</translation>
    </message>
  </context>
  <context>
    <name>edit.VolumeSegmentation</name>
    <message>
      <source>Found: {list}.</source>
      <translation>検出：{list}。</translation>
    </message>
    <message>
      <source>Nothing was found on any slice.</source>
      <translation>どのスライスでも見つかりませんでした。</translation>
    </message>
    <message>
      <source>{name} on {count} slices</source>
      <translation>{name}（{count} スライス）</translation>
    </message>
  </context>
  <context>
    <name>panel.AdapterStep</name>
    <message>
      <source>Adapter (*.zip)</source>
      <translation>アダプター (*.zip)</translation>
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation>アダプター {name} をこのコンピューターから削除しますか？元に戻せません。</translation>
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation>学習から除いたスライスの Dice：</translation>
    </message>
    <message>
      <source>Export adapter</source>
      <translation>アダプターを書き出す</translation>
    </message>
    <message>
      <source>Import adapter</source>
      <translation>アダプターを読み込む</translation>
    </message>
    <message>
      <source>In use: no adapter, base model {model}</source>
      <translation>使用中：アダプターなし、ベースモデル {model}</translation>
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation>使用中：{model} 上の {name}</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>名前：</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation>参照が選択されていません</translation>
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>アダプター名を変更</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation>上、または参照に別のセグメンテーションを選んでください</translation>
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation>正しいとみなすセグメンテーションを選んでください</translation>
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation>アダプターは使用中です：モデルを読み込み中です</translation>
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation>同じセグメンテーション同士の比較になります</translation>
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation>読み込み完了後にやり直してください</translation>
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation>{name} が空くのを待っています</translation>
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation>適応後 {dice}</translation>
    </message>
    <message>
      <source>base {dice}</source>
      <translation>ベース {dice}</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>破損</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation>中間 {dice}</translation>
    </message>
    <message>
      <source>the adapter answers</source>
      <translation>アダプターが答えます</translation>
    </message>
    <message>
      <source>the base weights answer</source>
      <translation>ベースの重みが答えます</translation>
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation>中間の重みが答えます</translation>
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation>{base} 上の {method}、{steps} ステップ、{axis} スライス、グレーレベル {intensity}</translation>
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation>プロンプトは {server} に送られます。</translation>
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation>デバイスを一覧できませんでした：{error}</translation>
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation>保存するセグメンテーションのあるボリュームがありません</translation>
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>DICOM データベースに保存: {count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation>先にボリュームを分割してください</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
  </context>
  <context>
    <name>panel.ExemplarStep</name>
    <message>
      <source>; {count} backgrounds</source>
      <translation>；背景 {count}</translation>
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation>スライスビューでその向きを選び、ビューをボリューム平面に回転してください</translation>
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation>ライブラリーフォルダーから {count} 個の見本を削除しますか？元に戻せません。</translation>
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation>ボリュームにラベル付きのスライスがありません</translation>
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation>ボリュームの {axis} スライスを表示しているビューがありません</translation>
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation>先にセグメントに描いてください</translation>
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>スライス {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation>ライブラリーは空です。ラベル付きスライスを追加して始めます。</translation>
    </message>
    <message>
      <source>background</source>
      <translation>背景</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>破損</translation>
    </message>
    <message>
      <source>none</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>{count} exemplars: {classes}</source>
      <translation>見本 {count}：{classes}</translation>
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation>同じ種類すべて</translation>
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation>別のスライスを提案させてください</translation>
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation>クリックするとこのスライスをスライスビューに表示します。</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>ボリュームはもうシーンにありません</translation>
    </message>
    <message>
      <source>This one only</source>
      <translation>これのみ</translation>
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation>{number}. {volume}、{axis} スライス {index}：{reason}</translation>
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation>公開元の記載（取得時に確認）：{said}</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>参照</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation>場所を参照して、そのアダプターを 1 つ選んでください</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>ライセンス: {licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation>アダプターが選択されていません</translation>
    </message>
    <message>
      <source>No place is given</source>
      <translation>場所が指定されていません</translation>
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation>そこには何も公開されていません。</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>公開されたアダプター</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation>https:// で始まるアドレス、またはフォルダーを入力してください</translation>
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation>{base} 上の {method}、{size}</translation>
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation>{name} を取得中です。</translation>
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation>{name} をこのコンピューターに取得しました。</translation>
    </message>
  </context>
  <context>
    <name>panel.SignedText</name>
    <message>
      <source>Not signed.</source>
      <translation>署名なし。</translation>
    </message>
    <message>
      <source>Signed by a key that you have not said to trust: {fingerprint}.</source>
      <translation>信頼すると指定していない鍵で署名されています：{fingerprint}。</translation>
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation>{signer} により署名（鍵 {fingerprint}）。</translation>
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation>署名されていますが未確認です：Python パッケージ cryptography がインストールされていません。</translation>
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation>SAM Adapt モジュールをもう一度開いてください</translation>
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation>パネルは現在シーンを表示していません</translation>
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation>セル {number}/{count}：{row}。残り約 {left}。</translation>
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation>新しいもの、または以前のスタディのものを選んでください</translation>
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation>プリセットまたはファイル (TOML) を選んでください</translation>
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation>image、labels、patient、split の列を持つ表 (CSV) を選んでください</translation>
    </message>
    <message>
      <source>No description is chosen</source>
      <translation>記述が選択されていません</translation>
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation>出力フォルダーが選択されていません</translation>
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation>スキャンが選択されていません</translation>
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation>レポートを開くウェブブラウザーがありません</translation>
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation>未完了です。次の実行は続きから始まります。</translation>
    </message>
    <message>
      <source>Open this file in one</source>
      <translation>このファイルをブラウザーで開いてください</translation>
    </message>
    <message>
      <source>The description is being read.</source>
      <translation>記述を読み込み中です。</translation>
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation>スキャンを読み込み中です。</translation>
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation>スキャンを読み込み中：{doing}。</translation>
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation>スタディが完了しました：{count} セル。</translation>
    </message>
    <message>
      <source>a description of your own</source>
      <translation>独自の記述</translation>
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation>{count} セル中 {failed} が失敗、最初のもの：{error}。次の実行で再試行します。</translation>
    </message>
  </context>
  <context>
    <name>panel.TaskButton</name>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Stopping</source>
      <translation>停止中</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingPlot</name>
    <message>
      <source>Dice, held out</source>
      <translation>Dice、検証</translation>
    </message>
    <message>
      <source>Dice, training</source>
      <translation>Dice、学習</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>損失</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation>損失、Dice</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>ステップ</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation>{name} 検証</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingStep</name>
    <message>
      <source>Automatic</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>Done: the adapter {name} is ready in step 4.</source>
      <translation>完了：アダプター {name} はステップ 4 で使えます。</translation>
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>患者を順番に</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation>メモリーを見積もり中 ...</translation>
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation>メモリー：{text}</translation>
    </message>
    <message>
      <source>None</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation>{name} を再開しました</translation>
    </message>
    <message>
      <source>Started {name}</source>
      <translation>{name} を開始しました</translation>
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation>開始中。モデルを読み込んでいます。</translation>
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation>ステップ {step}/{steps}：損失 {loss:.3f}、Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation>ステップ {step}：学習から除いたスライスの Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation>最初のチェックポイントの前に停止しました。</translation>
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation>停止しました。「再開」で続きから始めます。</translation>
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation>停止中。チェックポイントを書き込んでいます。</translation>
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation>アダプターにまだ名前がありません</translation>
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation>ダウンロードを停止しました。受信済みの分は残り、「開始」で続きます。</translation>
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>{name} の学習</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation>名前を入力してください</translation>
    </message>
    <message>
      <source>{percent} % of the patients</source>
      <translation>患者の {percent} %</translation>
    </message>
    <message>
      <source>{text}, {left} left</source>
      <translation>{text}、残り {left}</translation>
    </message>
  </context>
  <context>
    <name>panel.VolumesStep</name>
    <message>
      <source>All that are loaded</source>
      <translation>読み込まれたものすべて</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>もう一度読み込んでください</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>ボリュームはもうシーンにありません</translation>
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation>検索する言葉がありません</translation>
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>上のボリュームと同じ種類</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation>入力してください。例：liver, left kidney</translation>
    </message>
    <message>
      <source>all classes of the adapter</source>
      <translation>アダプターの全クラス</translation>
    </message>
    <message>
      <source>done</source>
      <translation>完了</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>失敗</translation>
    </message>
    <message>
      <source>running</source>
      <translation>実行中</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>待機中</translation>
    </message>
    <message>
      <source>what has prompts</source>
      <translation>プロンプトのあるもの</translation>
    </message>
    <message>
      <source>what these words name</source>
      <translation>これらの言葉が指すもの</translation>
    </message>
    <message>
      <source>{count} pixels</source>
      <translation>{count} ピクセル</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation>ボリュームとセグメンテーションの間に、スライスを曲げる変換があります</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>セグメンテーションのセグメントを選んでください</translation>
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation>先に変換を確定 (Harden) するか、両方を同じ変換の下に置いてください</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>そのセグメントはありません</translation>
    </message>
  </context>
  <context>
    <name>scene.ChannelChoice</name>
    <message>
      <source>Seen with:</source>
      <translation>併用：</translation>
    </message>
  </context>
  <context>
    <name>scene.Channels</name>
    <message>
      <source>Choose another one, or none</source>
      <translation>別のものを選ぶか、なしにしてください</translation>
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation>最大 {count} 個まで選んでください</translation>
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation>1 つ、または最大 {count} 個指定してください</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>ボリュームが選択されていません</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation>このボリュームが 2 回使われます</translation>
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation>{count} ボリュームの併用</translation>
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>スライスをボリューム内へ移動してください</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>スライスビューにボリュームが表示されていません</translation>
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>スライスをボリューム内へ移動してください</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>スライスビューにボリュームが表示されていません</translation>
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation>0 から {last} の間で選んでください</translation>
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation>{axis} スライス {index} はありません</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation>セグメントを追加してください</translation>
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation>セグメントを追加して描いてください</translation>
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation>既存のものから選んでください：{names}</translation>
    </message>
    <message>
      <source>No segmentation is selected</source>
      <translation>セグメンテーションが選択されていません</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>そのセグメントはありません</translation>
    </message>
    <message>
      <source>Select or create a segmentation of the volume</source>
      <translation>ボリュームのセグメンテーションを選択または作成してください</translation>
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation>セグメンテーションにセグメントがありません</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation>カラー画像だけでチャンネルがすべて埋まります</translation>
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation>変換により {further} が {first} に対して曲がっています</translation>
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation>ボリュームのウィンドウとレベルを調整してください</translation>
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation>再サンプリングを許可するか、別のボリュームを選んでください</translation>
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation>グレースケールの 3D ボリュームを選んでください。必要に応じて 1 成分または 1 時点を抽出します</translation>
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation>グレースケールのボリュームを選んでください</translation>
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation>他のものを併せて選ばないでください</translation>
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation>変換を確定 (Harden) するか、両方のボリュームをその下に置いてください</translation>
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation>画像を読み込み、マスターボリュームに選んでください</translation>
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation>もう一度読み込むか、別のものを選んでください</translation>
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation>透明度なしで読み込んでください</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>ボリュームが選択されていません</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation>画像の一部が透明です</translation>
    </message>
    <message>
      <source>Rename one of them</source>
      <translation>どちらかの名前を変えてください</translation>
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation>表示するか、輝度範囲を指定してください</translation>
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation>ボリュームは各ボクセルに {count} 個の値を持ちます（ベクトルまたは系列）</translation>
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation>ボリュームに画像がありません</translation>
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation>ボリュームがグレースケールで表示されていません</translation>
    </message>
    <message>
      <source>This is not a volume</source>
      <translation>これはボリュームではありません</translation>
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation>{name} という名前のセグメントが 2 つあります</translation>
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation>{further} は {first} と格子が異なります</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation>そのセグメントの 1 つを選んでください</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>そのセグメントはありません</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentPrompts</name>
    <message>
      <source>A point or box lies beside the image</source>
      <translation>点またはボックスが画像の外にあります</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>セグメンテーションのセグメントを選んでください</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>そのセグメントはありません</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation>画像に写っている部分を指してください</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>セグメンテーションのセグメントを選んでください</translation>
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation>バイナリーラベルマップに変換してください</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>そのセグメントはありません</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation>セグメントを編集できません</translation>
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation>時系列画像をシーケンスとして読み込み、そのボリュームを選んでください</translation>
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation>プロンプトのあるフレームで停止してください</translation>
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation>シーケンスがフレームを表示していないか、再生中です</translation>
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation>ボリュームはシーケンスのものではありません</translation>
    </message>
  </context>
  <context>
    <name>view.CorrectionControls</name>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>セグメントが選択されていません。先に追加または選択してください。</translation>
    </message>
    <message>
      <source>Slice {index} is accepted: nothing of SAM Adapt changes it.</source>
      <translation>スライス {index} を確定しました。SAM Adapt は変更しません。</translation>
    </message>
    <message>
      <source>Slice {index} is released.</source>
      <translation>スライス {index} を解除しました。</translation>
    </message>
    <message>
      <source>Slices can be accepted once the correction has ended. Stop ends it.</source>
      <translation>スライスの確定は修正の終了後に行えます。「停止」で終了します。</translation>
    </message>
  </context>
  <context>
    <name>view.EffectOptions</name>
    <message>
      <source>As displayed</source>
      <translation>表示どおり</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自動</translation>
    </message>
    <message>
      <source>CT bone (400/1800)</source>
      <translation>CT 骨 (400/1800)</translation>
    </message>
    <message>
      <source>CT lung (-600/1500)</source>
      <translation>CT 肺 (-600/1500)</translation>
    </message>
    <message>
      <source>CT soft tissue (40/400)</source>
      <translation>CT 軟部組織 (40/400)</translation>
    </message>
    <message>
      <source>Details: {details}</source>
      <translation>詳細：{details}</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>中</translation>
    </message>
    <message>
      <source>None</source>
      <translation>なし</translation>
    </message>
    <message>
      <source>Only with a model that remembers other slices (SAM 2).</source>
      <translation>他のスライスを記憶するモデル (SAM 2) のみ。</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation>自力で対象を見つけるアダプターのみ（手法 sammix、または head=classes の lora）。</translation>
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation>テキストで学習したアダプターのみ（テキストモデル付きの手法 msa）。</translation>
    </message>
    <message>
      <source>Percentiles (0.5/99.5)</source>
      <translation>パーセンタイル (0.5/99.5)</translation>
    </message>
    <message>
      <source>Smallest</source>
      <translation>最小</translation>
    </message>
    <message>
      <source>The model is not loaded yet.</source>
      <translation>モデルはまだ読み込まれていません。</translation>
    </message>
  </context>
  <context>
    <name>view.FrameChoice</name>
    <message>
      <source>Carries the segment from this frame along time to all others, earlier and later, slice by slice, and there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from themselves. Each frame is written when it is found; undo does not reach back to it.</source>
      <translation>セグメントをこのフレームから、前後のすべてのフレームへスライスごとに伝播し、そこで隣のスライスにも広げます。プロンプトや修正のあるフレームはそのまま残り、そこからも伝播します。各フレームは見つかり次第書き込まれ、取り消しはそこまで及びません。</translation>
    </message>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation>各フレームに個別のセグメンテーションができました。描いたものは表示中のフレームに残ります。</translation>
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>フレームごとに 1 つのセグメンテーション</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation>次のフレームを表示し、このスライス上のセグメントのボックスを少し広げてプロンプトとして与えます。結果を確定または修正して次へ進みます。</translation>
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation>ボリュームはシーケンスの 1 フレームで、セグメンテーションは全フレーム共通です。実行後は各フレームがプロンプトを含む個別のものを持ちます：現在の内容はこのフレームに残り、他は空のセグメントで始まります。</translation>
    </message>
    <message>
      <source>To all frames</source>
      <translation>全フレームへ</translation>
    </message>
    <message>
      <source>To the next frame</source>
      <translation>次のフレームへ</translation>
    </message>
  </context>
  <context>
    <name>view.Shortcuts</name>
    <message>
      <source>1 to 3</source>
      <translation>1〜3</translation>
    </message>
    <message>
      <source>Backspace</source>
      <translation>Backspace</translation>
    </message>
    <message>
      <source>Ctrl + drag</source>
      <translation>Ctrl + ドラッグ</translation>
    </message>
    <message>
      <source>Ctrl + left-click</source>
      <translation>Ctrl + 左クリック</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>Enter</translation>
    </message>
    <message>
      <source>Escape</source>
      <translation>Esc</translation>
    </message>
    <message>
      <source>Left-button drag</source>
      <translation>左ドラッグ</translation>
    </message>
    <message>
      <source>Left-click</source>
      <translation>左クリック</translation>
    </message>
    <message>
      <source>Left-click where it was carried to</source>
      <translation>伝播先を左クリック</translation>
    </message>
    <message>
      <source>a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself</source>
      <translation>対象を囲むボックス。落書きは上に引く線、投げ縄は自動で閉じる囲み線</translation>
    </message>
    <message>
      <source>a point on the object</source>
      <translation>対象上の点</translation>
    </message>
    <message>
      <source>a point that does not belong to it; so does the button Background</source>
      <translation>対象に属さない点。「背景」ボタンでも同じ</translation>
    </message>
    <message>
      <source>accept the preview</source>
      <translation>プレビューを確定</translation>
    </message>
    <message>
      <source>accept the preview and add the slice to the exemplars, also in the place of its earlier labels</source>
      <translation>プレビューを確定しスライスを見本に追加（以前のラベルも置き換え）</translation>
    </message>
    <message>
      <source>accept this slice as it is, so that no correction changes it; once more: release it</source>
      <translation>このスライスを現状のまま確定し、修正で変わらないようにする。もう一度押すと解除</translation>
    </message>
    <message>
      <source>as long as it is held: show what a click at the mouse would give; nothing of it is kept</source>
      <translation>押している間：マウス位置のクリック結果を表示。何も残りません</translation>
    </message>
    <message>
      <source>drags are scribbles, lassos; once more: boxes again</source>
      <translation>ドラッグが落書き、投げ縄に。もう一度でボックスに戻る</translation>
    </message>
    <message>
      <source>drop the preview</source>
      <translation>プレビューを破棄</translation>
    </message>
    <message>
      <source>mends the segment there, and on the slices beside as far as that changes them</source>
      <translation>そこのセグメントを直し、変化がある限り隣のスライスも直す</translation>
    </message>
    <message>
      <source>of the masks that one click may mean, the smallest to the largest; 0: the one trusted most</source>
      <translation>1 クリックが示しうるマスクを最小から最大まで。0：最も信頼できるもの</translation>
    </message>
    <message>
      <source>show this list</source>
      <translation>この一覧を表示</translation>
    </message>
    <message>
      <source>take the last point, box or line back</source>
      <translation>最後の点、ボックス、線を取り消す</translation>
    </message>
    <message>
      <source>the previous, the next slice of this view that has prompts, or of which the model was not sure</source>
      <translation>このビューでプロンプトがある、またはモデルが不確かな前後のスライス</translation>
    </message>
    <message>
      <source>with Scribble: a line over what does not belong to the object</source>
      <translation>落書き時：対象でない部分に引く線</translation>
    </message>
  </context>
  <context>
    <name>view.SliceTour</name>
    <message>
      <source>Axial</source>
      <translation>アキシャル</translation>
    </message>
    <message>
      <source>Click to show this slice. The bar is the overlap (IoU) that the model expects.</source>
      <translation>クリックでこのスライスを表示。バーはモデルが予想する重なり (IoU) です。</translation>
    </message>
    <message>
      <source>Coronal</source>
      <translation>コロナル</translation>
    </message>
    <message>
      <source>No further slice with prompts or doubt this way.</source>
      <translation>この方向にプロンプトや疑問のあるスライスはもうありません。</translation>
    </message>
    <message>
      <source>Sagittal</source>
      <translation>サジタル</translation>
    </message>
    <message>
      <source>This view is oblique to the volume's own slices.</source>
      <translation>このビューはボリュームのスライスに対して斜めです。</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>確定済み</translation>
    </message>
    <message>
      <source>nothing kept</source>
      <translation>保持なし</translation>
    </message>
    <message>
      <source>prompts</source>
      <translation>プロンプト</translation>
    </message>
  </context>
  <context>
    <name>worker.InferenceSession</name>
    <message>
      <source>Choose a volume first</source>
      <translation>先にボリュームを選んでください</translation>
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation>終了コード {code}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>ボリュームが選択されていません</translation>
    </message>
  </context>
  <context>
    <name>worker.TrainingSession</name>
    <message>
      <source>checking on the held-out patients</source>
      <translation>検証用の患者で確認中</translation>
    </message>
    <message>
      <source>final check, and writing the result</source>
      <translation>最終確認と結果の書き込み</translation>
    </message>
    <message>
      <source>loading the base model</source>
      <translation>ベースモデルを読み込み中</translation>
    </message>
    <message>
      <source>reading the exemplars</source>
      <translation>見本を読み込み中</translation>
    </message>
    <message>
      <source>reading the images</source>
      <translation>画像を読み込み中</translation>
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation>患者を 1 人ずつ除いた短い学習を行い、その患者で比較</translation>
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>最初のステップを試行中</translation>
    </message>
  </context>
</TS>
