<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
  <context>
    <name>AdapterStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source>Adapters on this computer. Double-click one to use it.</source>
      <translation>本计算机上的适配器。双击即可使用。</translation>
    </message>
    <message>
      <source>Adapters that others have published in a folder or on a web server.</source>
      <translation>他人在文件夹或网络服务器上发布的适配器。</translation>
    </message>
    <message>
      <source>Add an adapter from a file that was exported.</source>
      <translation>从导出的文件添加适配器。</translation>
    </message>
    <message>
      <source>Add the selected adapter to those on this computer. Stop keeps what has come from a web server, and the next time goes on from there.</source>
      <translation>将所选适配器添加到本计算机。“停止”会保留已从网络服务器下载的部分，下次从那里继续。</translation>
    </message>
    <message>
      <source>Address (https://...) or folder, as whoever publishes there has told it.</source>
      <translation>发布者提供的地址 (https://...) 或文件夹。</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>浏览</translation>
    </message>
    <message>
      <source>Cells of the study that are done. A cell is one model, trained and tested.</source>
      <translation>研究中已完成的单元。一个单元是一个经过训练和测试的模型。</translation>
    </message>
    <message>
      <source>Choose a folder in place of an address.</source>
      <translation>选择文件夹来代替地址。</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Compare the segmentation chosen at the top with the reference: Dice, IoU, HD95 and NSD of each structure.</source>
      <translation>将上方所选的分割与参考比较：每个结构的 Dice、IoU、HD95 和 NSD。</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>日期</translation>
    </message>
    <message>
      <source>Delete the selected adapter from this computer.</source>
      <translation>从本计算机删除所选适配器。</translation>
    </message>
    <message>
      <source>Delete...</source>
      <translation>删除...</translation>
    </message>
    <message>
      <source>Description of your own (TOML). samadapt study PRESET --show prints one to begin with.</source>
      <translation>您自己的描述 (TOML)。samadapt study PRESET --show 会输出一份作为起点。</translation>
    </message>
    <message>
      <source>Description:</source>
      <translation>描述：</translation>
    </message>
    <message>
      <source>Design:</source>
      <translation>设计：</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>Do what is left of the study, beside the application. Stop keeps all that is finished, and the next run goes on from there, also after a restart.</source>
      <translation>在应用程序之外完成研究的剩余部分。“停止”会保留所有已完成的内容，下次运行从那里继续，重启后也一样。</translation>
    </message>
    <message>
      <source>Evaluate the segmentation</source>
      <translation>评估分割</translation>
    </message>
    <message>
      <source>Export...</source>
      <translation>导出...</translation>
    </message>
    <message>
      <source>Fetch</source>
      <translation>获取</translation>
    </message>
    <message>
      <source>Folder for the results and all that is trained. What is finished there stays, and a run goes on where the last one was.</source>
      <translation>存放结果和所有训练内容的文件夹。其中已完成的会保留，运行从上次的位置继续。</translation>
    </message>
    <message>
      <source>Folder...</source>
      <translation>文件夹...</translation>
    </message>
    <message>
      <source>Give the selected adapter another name.</source>
      <translation>为所选适配器改名。</translation>
    </message>
    <message>
      <source>How much of the adapter has come.</source>
      <translation>适配器已下载多少。</translation>
    </message>
    <message>
      <source>Import...</source>
      <translation>导入...</translation>
    </message>
    <message>
      <source>List what is published there.</source>
      <translation>列出那里发布的内容。</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>Model card of the selected adapter.</source>
      <translation>所选适配器的模型卡。</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>Output folder:</source>
      <translation>输出文件夹：</translation>
    </message>
    <message>
      <source>Points, boxes, boxes with a click and propagation on slices that the training held out, answered with the base weights and with the adapter. A plain point is answered by the adapter alone, without a box grown from the point.</source>
      <translation>在训练留出的切片上，点、方框、带点击的方框和传播，分别用基础权重和适配器得出的结果。单独的点只由适配器回答，不使用由点扩展出的方框。</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>已发布的适配器</translation>
    </message>
    <message>
      <source>Put the segmentation chosen at the top into the DICOM database, as a DICOM segmentation beside the series of its volume, which has to come from there. It says whose it is, as the series does.</source>
      <translation>将上方所选的分割作为 DICOM 分割存入 DICOM 数据库，与其体数据的序列放在一起；该体数据必须来自该数据库。它与序列一样标明患者。</translation>
    </message>
    <message>
      <source>Reference:</source>
      <translation>参考：</translation>
    </message>
    <message>
      <source>Refuse what has been signed by none of the keys in your folder of trusted keys; see the tutorial.</source>
      <translation>拒绝未由您受信任密钥文件夹中任一密钥签名的内容；参见教程。</translation>
    </message>
    <message>
      <source>Rename...</source>
      <translation>重命名...</translation>
    </message>
    <message>
      <source>Results; each further evaluation adds its rows.</source>
      <translation>结果；每次新的评估都会添加行。</translation>
    </message>
    <message>
      <source>Run study</source>
      <translation>运行研究</translation>
    </message>
    <message>
      <source>Save the segmentation as DICOM SEG</source>
      <translation>将分割保存为 DICOM SEG</translation>
    </message>
    <message>
      <source>Scans (CSV):</source>
      <translation>扫描 (CSV)：</translation>
    </message>
    <message>
      <source>Segment with the base model, without an adapter.</source>
      <translation>用基础模型分割，不使用适配器。</translation>
    </message>
    <message>
      <source>Segment with the selected adapter from now on.</source>
      <translation>从现在起用所选适配器分割。</translation>
    </message>
    <message>
      <source>Segmentation that counts as right. Structures are matched by name.</source>
      <translation>视为正确的分割。结构按名称对应。</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>选择分割</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>显示报告</translation>
    </message>
    <message>
      <source>Signed by a key that I trust only</source>
      <translation>仅限我信任的密钥签名的</translation>
    </message>
    <message>
      <source>Spread of the results over all evaluated cases.</source>
      <translation>所有已评估病例结果的分布。</translation>
    </message>
    <message>
      <source>Study</source>
      <translation>研究</translation>
    </message>
    <message>
      <source>Surface distance that the normalised surface Dice (NSD) forgives.</source>
      <translation>归一化表面 Dice (NSD) 所容许的表面距离。</translation>
    </message>
    <message>
      <source>Table of your scans with the columns image, labels, patient and split (train or test). Left empty, that of the description counts.</source>
      <translation>您的扫描表格，包含 image、labels、patient 和 split（train 或 test）列。留空时使用描述中的表格。</translation>
    </message>
    <message>
      <source>The adapter that the Segment Editor effect and the console use.</source>
      <translation>分割编辑器效果和控制台所使用的适配器。</translation>
    </message>
    <message>
      <source>Tolerance:</source>
      <translation>容差：</translation>
    </message>
    <message>
      <source>Train and test models on many scans, on few and on many labelled slices, with several seeds, and compare them in one report.</source>
      <translation>用大量扫描、少量和大量已标注切片以及多个随机种子训练和测试模型，并在一份报告中比较。</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>使用</translation>
    </message>
    <message>
      <source>Use none</source>
      <translation>不使用</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>权重：</translation>
    </message>
    <message>
      <source>What has come of it.</source>
      <translation>其结果。</translation>
    </message>
    <message>
      <source>What is compared: a preset, which follows a paper's design, or a description of your own.</source>
      <translation>要比较的内容：遵循论文设计的预设，或您自己的描述。</translation>
    </message>
    <message>
      <source>What is published there. Dice is that on patients whom the training held out, as the model card tells it.</source>
      <translation>那里发布的内容。Dice 为模型卡所述在训练留出患者上的值。</translation>
    </message>
    <message>
      <source>What the study is doing, and about how long it takes.</source>
      <translation>研究正在做什么，大约需要多长时间。</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>哪些已保存到 DICOM 数据库，哪些没有。</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use.</source>
      <translation>使用适配器时由哪些权重回答。</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use: for each kind of prompt those that were better on slices that its training held out, or always the same ones.</source>
      <translation>使用适配器时由哪些权重回答：每种提示用在训练留出切片上表现较好的权重，或始终用同一种。</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter, as is said there; whether that holds is found out when it is fetched. Then the terms under which it is handed on.</source>
      <translation>据那里所述，谁签署了所选适配器；是否属实在获取时验证。随后是其分发条款。</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter. Keys that you trust lie in a folder of your own; see the tutorial.</source>
      <translation>谁签署了所选适配器。您信任的密钥位于您自己的文件夹中；参见教程。</translation>
    </message>
    <message>
      <source>Write the report of what is there, also of a study that is still going on, and show it in the web browser.</source>
      <translation>为现有内容编写报告（研究仍在进行时也可），并在网页浏览器中显示。</translation>
    </message>
    <message>
      <source>Write the selected adapter and its model card into one file to pass on.</source>
      <translation>将所选适配器及其模型卡写入一个文件以便分发。</translation>
    </message>
    <message>
      <source>https://... or a folder</source>
      <translation>https://... 或文件夹</translation>
    </message>
  </context>
  <context>
    <name>Channels</name>
    <message>
      <source>Another sequence of the same patient, which the model sees together with the volume. Kept with the volume.</source>
      <translation>同一患者的另一序列，模型将其与体数据一同查看。随体数据保存。</translation>
    </message>
    <message>
      <source>Bring volumes that lie on another grid onto that of the first, by linear interpolation. The volumes themselves stay as they are.</source>
      <translation>通过线性插值将网格不同的体数据转换到第一个的网格上。体数据本身保持不变。</translation>
    </message>
    <message>
      <source>One more. An adapter wants as many as it was trained with, in that order.</source>
      <translation>再加一个。适配器需要与训练时相同数量、相同顺序的体数据。</translation>
    </message>
    <message>
      <source>Resample where grids differ</source>
      <translation>网格不同时重采样</translation>
    </message>
    <message>
      <source>nothing else</source>
      <translation>无其他</translation>
    </message>
  </context>
  <context>
    <name>ComputerStep</name>
    <message>
      <source>Computer that segments in place of this one, as host:port; see "samadapt serve". Empty: this computer works by itself. Training stays on this computer.</source>
      <translation>代替本机进行分割的计算机，格式为 host:port；参见 "samadapt serve"。留空：由本机处理。训练始终在本机进行。</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>删除</translation>
    </message>
    <message>
      <source>Delete the embeddings that are kept on disk. Slices are then looked at anew, which takes a moment each.</source>
      <translation>删除保存在磁盘上的嵌入。之后会重新查看切片，每张需要片刻。</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>设备：</translation>
    </message>
    <message>
      <source>File with the token that the server was started with.</source>
      <translation>启动服务器时所用令牌的文件。</translation>
    </message>
    <message>
      <source>Kept embeddings:</source>
      <translation>保留的嵌入：</translation>
    </message>
    <message>
      <source>Server:</source>
      <translation>服务器：</translation>
    </message>
    <message>
      <source>Token file:</source>
      <translation>令牌文件：</translation>
    </message>
    <message>
      <source>What fine-tuning and segmenting run on, on this computer. Automatic takes a graphics card where there is one.</source>
      <translation>本机上进行微调和分割所用的设备。“自动”会在有显卡时使用显卡。</translation>
    </message>
    <message>
      <source>What the model has seen of slices, kept so that they need not be looked at again. It can be deleted at any time.</source>
      <translation>模型查看切片所得的内容，保留下来以免再次查看。可随时删除。</translation>
    </message>
    <message>
      <source>Where slices are segmented.</source>
      <translation>在何处分割切片。</translation>
    </message>
    <message>
      <source>none: this computer</source>
      <translation>无：本机</translation>
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
      <translation> 层</translation>
    </message>
    <message>
      <source>Add all ticked suggestions to the library.</source>
      <translation>将所有勾选的建议添加到库。</translation>
    </message>
    <message>
      <source>Add as background</source>
      <translation>添加为背景</translation>
    </message>
    <message>
      <source>Add current slice</source>
      <translation>添加当前切片</translation>
    </message>
    <message>
      <source>Add ticked slices</source>
      <translation>添加勾选的切片</translation>
    </message>
    <message>
      <source>Blank beyond:</source>
      <translation>清空范围之外：</translation>
    </message>
    <message>
      <source>Copy the shown slice as one without any label: synthesis pastes organs onto it, and training learns from it what is not there.</source>
      <translation>将显示的切片作为无任何标签的切片复制：合成会在其上粘贴器官，训练则从中学习不存在的内容。</translation>
    </message>
    <message>
      <source>Copy the slice shown in the slice view into the library, with the labels of the segmentation. If the library has that slice already, the labels as they are now take the place of the earlier ones.</source>
      <translation>将切片视图中显示的切片连同分割的标签复制到库中。如果库中已有该切片，则以现在的标签取代先前的。</translation>
    </message>
    <message>
      <source>Delete the selected exemplars from the library folder.</source>
      <translation>从库文件夹中删除所选范例。</translation>
    </message>
    <message>
      <source>Direction in which the slices are stacked. All exemplars of one library should share it.</source>
      <translation>切片堆叠的方向。同一库中的所有范例应当一致。</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>查找</translation>
    </message>
    <message>
      <source>Folder of the exemplar library. It holds pixels and labels only, nothing that names a patient.</source>
      <translation>范例库的文件夹。仅包含像素和标签，不含任何患者身份信息。</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>灰度：</translation>
    </message>
    <message>
      <source>How many slices to name, the one that would add most first.</source>
      <translation>要列出多少切片，收益最大的排在最前。</translation>
    </message>
    <message>
      <source>How many slices to suggest.</source>
      <translation>建议多少切片。</translation>
    </message>
    <message>
      <source>Library folder:</source>
      <translation>库文件夹：</translation>
    </message>
    <message>
      <source>Look through volumes that need no labels, and name the slices worth labelling next: those that stand for many which no exemplar is like, where the structures are expected, with what the adapter in use doubts. It takes the better part of a second a slice, 120 slices at most.</source>
      <translation>查看体数据（无需标签），并列出接下来值得标注的切片：在预期有相关结构之处，能代表许多与任何范例都不相似的切片的那些，以及所用适配器存疑的切片。每张切片不到一秒，最多 120 张。</translation>
    </message>
    <message>
      <source>Neighbours:</source>
      <translation>相邻切片：</translation>
    </message>
    <message>
      <source>Number of exemplars for each class.</source>
      <translation>每个类别的范例数。</translation>
    </message>
    <message>
      <source>Optional, stored as a hash</source>
      <translation>可选，以哈希保存</translation>
    </message>
    <message>
      <source>Optional: any text that is the same for all scans of one patient, so that validation never sees a patient of the training. Only a salted hash of it is stored.</source>
      <translation>可选：同一患者的所有扫描都相同的任意文本，使验证绝不会用到训练中的患者。仅保存其加盐哈希。</translation>
    </message>
    <message>
      <source>Patient:</source>
      <translation>患者：</translation>
    </message>
    <message>
      <source>Pixels of a head can show a face. What is farther than this from the labels on each slice is blanked; a label near the face keeps the face. A library that was begun so goes on so.</source>
      <translation>头部像素可能显示面部。每张切片上距标签超过此距离的部分会被清空；靠近面部的标签会保留面部。以此方式开始的库会一直如此。</translation>
    </message>
    <message>
      <source>Remove selected</source>
      <translation>移除所选</translation>
    </message>
    <message>
      <source>Slice axis:</source>
      <translation>切片轴：</translation>
    </message>
    <message>
      <source>Slices looked at. Stop ends it; what the model has seen is kept, and a next call is faster.</source>
      <translation>已查看的切片。“停止”可结束；模型已看过的内容会保留，下次更快。</translation>
    </message>
    <message>
      <source>Slices on each side to keep with every exemplar, for methods that see a stack of slices (Medical SAM Adapter with depth). 0 for all other methods.</source>
      <translation>每个范例两侧各保留多少切片，用于查看切片堆叠的方法（带深度的 Medical SAM Adapter）。其他方法均为 0。</translation>
    </message>
    <message>
      <source>Slices that nobody has labelled yet, and that would add most to the library.</source>
      <translation>尚无人标注且对库最有益的切片。</translation>
    </message>
    <message>
      <source>Slices worth labelling next, and why. Click one to show it in the slice views.</source>
      <translation>接下来值得标注的切片及原因。点击可在切片视图中显示。</translation>
    </message>
    <message>
      <source>Suggest labelled slices of this volume as exemplars.</source>
      <translation>建议将此体数据中已标注的切片作为范例。</translation>
    </message>
    <message>
      <source>Suggest next slice</source>
      <translation>建议下一切片</translation>
    </message>
    <message>
      <source>Suggest:</source>
      <translation>建议：</translation>
    </message>
    <message>
      <source>Suggested slices: click one to show it, untick those that should not be added.</source>
      <translation>建议的切片：点击可显示，取消勾选不需添加的。</translation>
    </message>
    <message>
      <source>The exemplars, labels in colour. Select some to remove them.</source>
      <translation>范例，标签以颜色显示。选中可移除。</translation>
    </message>
    <message>
      <source>The library is empty.</source>
      <translation>库为空。</translation>
    </message>
    <message>
      <source>Unlabelled:</source>
      <translation>未标注：</translation>
    </message>
    <message>
      <source>What became of the slices that were added last.</source>
      <translation>上次添加的切片的结果。</translation>
    </message>
    <message>
      <source>Where to look: in all volumes of the scene that are CT as the one at the top is, or no CT as it is not; or in that one only.</source>
      <translation>查找范围：场景中所有与上方体数据同为 CT（或同非 CT）的体数据；或仅该体数据。</translation>
    </message>
    <message>
      <source>library: as the exemplars that are there already, or chosen from the voxel values for the first one. displayed: the window and level of the slice views.</source>
      <translation>与库一致：与已有范例一致，第一个则根据体素值选择。按显示：切片视图的窗宽和窗位。</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>无</translation>
    </message>
  </context>
  <context>
    <name>SAMAdapt</name>
    <message>
      <source>1. Exemplars</source>
      <translation>1. 范例</translation>
    </message>
    <message>
      <source>2. Synthesis</source>
      <translation>2. 合成</translation>
    </message>
    <message>
      <source>3. Fine-tune</source>
      <translation>3. 微调</translation>
    </message>
    <message>
      <source>4. Use and evaluate</source>
      <translation>4. 使用与评估</translation>
    </message>
    <message>
      <source>Adapt a base model to the exemplars on this computer.</source>
      <translation>在本计算机上使基础模型适应范例。</translation>
    </message>
    <message>
      <source>Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. Prompts are given with the effect SAM Adapt of the Segment Editor.</source>
      <translation>在本计算机上用少量已标注切片使 Segment Anything 模型适应您的解剖结构。提示通过分割编辑器的 SAM Adapt 效果给出。</translation>
    </message>
    <message>
      <source>All loaded volumes</source>
      <translation>所有已加载的体数据</translation>
    </message>
    <message>
      <source>Choose an adapter and measure how well it segments.</source>
      <translation>选择适配器并衡量其分割效果。</translation>
    </message>
    <message>
      <source>Collect a handful of labelled slices in a folder.</source>
      <translation>在文件夹中收集少量已标注切片。</translation>
    </message>
    <message>
      <source>Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM (Zhang et al.).</source>
      <translation>微调遵循 Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133)；基础模型为 Segment Anything (Kirillov et al.)、MedSAM 和 LiteMedSAM (Ma et al.) 以及 MobileSAM (Zhang et al.)。</translation>
    </message>
    <message>
      <source>How training slices are made from the exemplars.</source>
      <translation>如何由范例生成训练切片。</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>Segment all loaded volumes, one after the other.</source>
      <translation>逐个分割所有已加载的体数据。</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>分割</translation>
    </message>
    <message>
      <source>Segmentation:</source>
      <translation>分割：</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>选择分割</translation>
    </message>
    <message>
      <source>Select a volume</source>
      <translation>选择体数据</translation>
    </message>
    <message>
      <source>The scan to take slices from and to segment.</source>
      <translation>用于提取切片和进行分割的扫描。</translation>
    </message>
    <message>
      <source>The segmentation that belongs to the volume: source of exemplars, and what is evaluated.</source>
      <translation>属于该体数据的分割：范例的来源，也是被评估的对象。</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>本计算机</translation>
    </message>
    <message>
      <source>Volume:</source>
      <translation>体数据：</translation>
    </message>
    <message>
      <source>What the work runs on, and what is kept on disk.</source>
      <translation>运算所用的设备，以及磁盘上保留的内容。</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdapt</name>
    <message>
      <source> slices</source>
      <translation> 层</translation>
    </message>
    <message>
      <source> slices missed</source>
      <translation> 层缺失</translation>
    </message>
    <message>
      <source>+ Object</source>
      <translation>+ 对象</translation>
    </message>
    <message>
      <source>A slice counts only if its mask overlaps the mask of the slice before by at least this much (intersection over union).</source>
      <translation>只有当切片的掩膜与前一切片掩膜的重叠至少达到此值（交并比）时才计入。</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>接受</translation>
    </message>
    <message>
      <source>Accept slice</source>
      <translation>确认切片</translation>
    </message>
    <message>
      <source>Accept the preview, and add all slices along this view on which you have set prompts for the selected segment: those that you have corrected after a propagation. What the library has of them already is replaced.</source>
      <translation>接受预览，并添加此视图方向上您为所选分段设置过提示的所有切片，即传播后您修正过的切片。库中已有的会被取代。</translation>
    </message>
    <message>
      <source>Accept the preview, and add the slice last clicked on, as it is labelled now, to the exemplar library that adapters are trained on. If the library has that slice already, the labels as they are now take the place of the earlier ones. (X)</source>
      <translation>接受预览，并将最后点击的切片按当前标注加入用于训练适配器的范例库。如果库中已有该切片，则以现在的标签取代先前的。(X)</translation>
    </message>
    <message>
      <source>Accept, and begin another object of this segment with the next prompt, also on this slice.</source>
      <translation>接受，并用下一个提示开始此分段的另一个对象，也可在此切片上。</translation>
    </message>
    <message>
      <source>Adapter:</source>
      <translation>适配器：</translation>
    </message>
    <message>
      <source>Add prompted</source>
      <translation>添加有提示的</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>将切片加入范例</translation>
    </message>
    <message>
      <source>An adapter from the shelf, trained on few labelled slices. It brings its base model and its intensity mapping along.</source>
      <translation>一个用少量已标注切片训练的适配器。它自带基础模型和灰度映射。</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>Base model. An adapter brings its own.</source>
      <translation>基础模型。适配器自带其基础模型。</translation>
    </message>
    <message>
      <source>Base model:</source>
      <translation>基础模型：</translation>
    </message>
    <message>
      <source>Box</source>
      <translation>方框</translation>
    </message>
    <message>
      <source>By the model's memory</source>
      <translation>借助模型的记忆</translation>
    </message>
    <message>
      <source>Carry corrections on to the slices beside, as far as they change anything there.</source>
      <translation>将修正传播到相邻切片，直到不再引起变化。</translation>
    </message>
    <message>
      <source>Carry on</source>
      <translation>继续传播</translation>
    </message>
    <message>
      <source>Carry the object from slice to slice, from every slice with prompts on it.</source>
      <translation>从每个带提示的切片出发，将对象逐层传播。</translation>
    </message>
    <message>
      <source>Clicks mark the object. Ctrl+click marks what does not belong to it.</source>
      <translation>点击标记对象。Ctrl+点击标记不属于对象的部分。</translation>
    </message>
    <message>
      <source>Clicks mark what does not belong to the object.</source>
      <translation>点击标记不属于对象的部分。</translation>
    </message>
    <message>
      <source>Continue from this segment</source>
      <translation>从此分段继续</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>修正</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>设备：</translation>
    </message>
    <message>
      <source>Drag a box around the object. A click without a drag is a point, whatever is chosen here.</source>
      <translation>拖动画出围绕对象的方框。无论此处选择什么，不拖动的点击都是一个点。</translation>
    </message>
    <message>
      <source>Drag a line around the object; it closes itself when the button is released (L).</source>
      <translation>围绕对象拖动画线；松开按键时自动闭合 (L)。</translation>
    </message>
    <message>
      <source>Drag a line over the object; with Ctrl, or with Background, over what does not belong to it (S).</source>
      <translation>在对象上拖动画线；按住 Ctrl 或选择“背景”时，画在不属于对象的部分上 (S)。</translation>
    </message>
    <message>
      <source>Drop</source>
      <translation>放弃</translation>
    </message>
    <message>
      <source>Drop all prompts that are not accepted; while the model goes through the volume: stop and write nothing (Escape).</source>
      <translation>放弃所有未接受的提示；模型遍历体数据时：停止且不写入任何内容 (Esc)。</translation>
    </message>
    <message>
      <source>End after:</source>
      <translation>结束于：</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>查找</translation>
    </message>
    <message>
      <source>Fine-tuned on your exemplars.</source>
      <translation>用您的范例微调。</translation>
    </message>
    <message>
      <source>Give up waiting; what goes through the volume writes what it has found so far.</source>
      <translation>不再等待；遍历体数据的操作会写入目前已找到的内容。</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>灰度：</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts, in each direction.</source>
      <translation>在每个方向上超出最外侧提示多少切片。</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts.</source>
      <translation>超出最外侧提示多少切片。</translation>
    </message>
    <message>
      <source>In both directions.</source>
      <translation>双向。</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>套索</translation>
    </message>
    <message>
      <source>Least overlap:</source>
      <translation>最小重叠：</translation>
    </message>
    <message>
      <source>Look for what these words name on all slices, and add it to the selected segment.</source>
      <translation>在所有切片上查找这些词语所指的对象，并添加到所选分段。</translation>
    </message>
    <message>
      <source>Mask:</source>
      <translation>掩膜：</translation>
    </message>
    <message>
      <source>Mend a segment that is there already, whoever has made it.</source>
      <translation>修补已有的分段，无论由谁制作。</translation>
    </message>
    <message>
      <source>New object</source>
      <translation>新对象</translation>
    </message>
    <message>
      <source>On: clicks, boxes and lines mend what the selected segment has on a slice, also where another tool has drawn it, and are written at once. One undo takes each back. New object ends it.</source>
      <translation>开启后：点击、框和线会修补所选分段在切片上的内容，即使由其他工具绘制，并立即写入。撤销一次取消一步。“新对象”结束此模式。</translation>
    </message>
    <message>
      <source>On: the answer is shown half-transparent, and Enter writes it. Off: each prompt is written at once, and replaces what these prompts had written before.</source>
      <translation>开启：结果以半透明显示，按回车写入。关闭：每个提示立即写入，并取代这些提示先前写入的内容。</translation>
    </message>
    <message>
      <source>One click may mean a part or the whole. Automatic takes the mask in which the model trusts most.</source>
      <translation>一次点击可能指部分或整体。“自动”采用模型最信任的掩膜。</translation>
    </message>
    <message>
      <source>Preview before writing</source>
      <translation>写入前预览</translation>
    </message>
    <message>
      <source>Propagate</source>
      <translation>传播</translation>
    </message>
    <message>
      <source>Reach:</source>
      <translation>范围：</translation>
    </message>
    <message>
      <source>Scribble</source>
      <translation>涂画</translation>
    </message>
    <message>
      <source>Segment the whole volume with no click: all that the adapter finds by itself. Each class is added to the segment of its name, which is made where there is none. One undo takes all of it back.</source>
      <translation>无需点击分割整个体数据：适配器自行找到的所有对象。每个类别加入同名分段，没有则新建。撤销一次即全部取消。</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>切片</translation>
    </message>
    <message>
      <source>Slices with prompts, and those found from them. The bar is the overlap (IoU) that the model expects; orange is worth a look. The keys [ and ] go to the previous and the next one with prompts or doubt.</source>
      <translation>带提示的切片以及由其找到的切片。横条为模型预计的重叠 (IoU)；橙色值得查看。按键 [ 和 ] 转到上一个和下一个带提示或存疑的切片。</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Stop rule.</source>
      <translation>停止规则。</translation>
    </message>
    <message>
      <source>Take the last point, box or line back (Backspace).</source>
      <translation>撤回最后的点、方框或线（退格）。</translation>
    </message>
    <message>
      <source>The model is at work.</source>
      <translation>模型正在工作。</translation>
    </message>
    <message>
      <source>The slice last clicked on or pointed at is right as it is: nothing of SAM Adapt changes it for this segment. A padlock marks it in the views. Once more: release it. (K)</source>
      <translation>最后点击或指向的切片按现状正确：SAM Adapt 不再为此分段改变它。视图中以挂锁标记。再按一次：解除。(K)</translation>
    </message>
    <message>
      <source>The way ends where so many slices in a row break a rule.</source>
      <translation>连续这么多切片违反规则时，传播结束。</translation>
    </message>
    <message>
      <source>Towards the feet (axial), the back (coronal) or the left (sagittal).</source>
      <translation>朝向足侧（横断面）、背侧（冠状面）或左侧（矢状面）。</translation>
    </message>
    <message>
      <source>Towards the head (axial), the front (coronal) or the right (sagittal).</source>
      <translation>朝向头侧（横断面）、腹侧（冠状面）或右侧（矢状面）。</translation>
    </message>
    <message>
      <source>Undo prompt</source>
      <translation>撤销提示</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>权重：</translation>
    </message>
    <message>
      <source>What Find looks for, in words; the segment's name where this is left empty.</source>
      <translation>“查找”要找的内容，用词语表示；留空时为分段名称。</translation>
    </message>
    <message>
      <source>What segments. Larger models take longer for a slice that is shown for the first time.</source>
      <translation>用于分割的模型。较大的模型处理首次显示的切片需要更长时间。</translation>
    </message>
    <message>
      <source>What the model remembers of other slices carries the object, as through a video, and not the mask of the slice before. The rules hold as well.</source>
      <translation>由模型对其他切片的记忆来传播对象，如同视频，而不是用前一切片的掩膜。规则同样适用。</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one.</source>
      <translation>运行模型的设备。“自动”会在有显卡时使用显卡。</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one. Kept for this computer.</source>
      <translation>运行模型的设备。“自动”会在有显卡时使用显卡。为本计算机保存。</translation>
    </message>
    <message>
      <source>Which of the model's answers is taken.</source>
      <translation>采用模型的哪个结果。</translation>
    </message>
    <message>
      <source>Which values become black and white for the model.</source>
      <translation>对模型而言哪些值为黑和白。</translation>
    </message>
    <message>
      <source>Which values become black and white for the model. Choose an entry, or type window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax.</source>
      <translation>对模型而言哪些值为黑和白。选择一项，或输入 window:LEVEL/WIDTH、percentile:LOW/HIGH 或 minmax。</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter.</source>
      <translation>有适配器时由哪些权重回答。</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter. On slices that its training held out, points, boxes, boxes with clicks and propagation were tried with the adapted and with the base weights; usually each is answered by those that were better there.</source>
      <translation>有适配器时由哪些权重回答。在训练留出的切片上，点、方框、带点击的方框和传播均以适配后的权重和基础权重试过；通常每种由在那里表现较好的权重回答。</translation>
    </message>
    <message>
      <source>Whole volume without clicks</source>
      <translation>无需点击的整个体数据</translation>
    </message>
    <message>
      <source>Write the preview to the segment (Enter). Editable area, intensity range and overwriting are those of the Segment Editor's masking.</source>
      <translation>将预览写入分段（回车）。可编辑区域、阈值范围和覆盖方式遵循分割编辑器的蒙版设置。</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>到体数据末端</translation>
    </message>
    <message>
      <source>− Background</source>
      <translation>− 背景</translation>
    </message>
    <message>
      <source>▲ Up</source>
      <translation>▲ 向上</translation>
    </message>
    <message>
      <source>▼ Down</source>
      <translation>▼ 向下</translation>
    </message>
    <message>
      <source>▼▲ Both</source>
      <translation>▼▲ 双向</translation>
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
&lt;p&gt;用点击、方框和线条，通过 Segment Anything 模型进行分割；选择适配器后，模型会适应您的数据。
适用于所有切片视图，包括斜切视图。&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;新对象：&lt;/b&gt;在同一切片上开始另一个对象。
&lt;/ul&gt;
&lt;p&gt;已接受的提示与分段一起保存；在该切片上继续点击会接着使用。“传播”将对象从所有带提示的切片
扩展到整个体数据。可写入的范围在&lt;i&gt;蒙版&lt;/i&gt;中设置。&lt;/p&gt;
&lt;p&gt;为此训练的适配器无需提示即可分割整个体数据：&lt;b&gt;自动&lt;/b&gt;分割其已知的一切，每个类别
写入同名分段；&lt;b&gt;查找&lt;/b&gt;将您用词语命名的对象写入所选分段。&lt;/p&gt;
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
      <translation>请再次点击，将重新启动</translation>
    </message>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>未选择分段。请先添加或选择一个。</translation>
    </message>
    <message>
      <source>Only along the volume's own slices: this view is oblique to them.</source>
      <translation>只能沿体数据自身的切片进行：此视图与其倾斜。</translation>
    </message>
    <message>
      <source>Prompts have to wait while the model goes through the volume. Stop ends that.</source>
      <translation>模型遍历体数据期间，提示需等待。“停止”可结束。</translation>
    </message>
    <message>
      <source>Stopped. A download goes on where it was with the next click.</source>
      <translation>已停止。下次点击时，下载从中断处继续。</translation>
    </message>
    <message>
      <source>The model's process ended by itself ({last})</source>
      <translation>模型进程自行结束 ({last})</translation>
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
      <translation> 层</translation>
    </message>
    <message>
      <source> °</source>
      <translation> °</translation>
    </message>
    <message>
      <source>Background moves:</source>
      <translation>背景移动：</translation>
    </message>
    <message>
      <source>Blur:</source>
      <translation>模糊：</translation>
    </message>
    <message>
      <source>Brightness:</source>
      <translation>亮度：</translation>
    </message>
    <message>
      <source>Contrast:</source>
      <translation>对比度：</translation>
    </message>
    <message>
      <source>Exemplars on the left, synthetic slices beside them, labels below.</source>
      <translation>左侧为范例，旁边为合成切片，下方为标签。</translation>
    </message>
    <message>
      <source>Gamma:</source>
      <translation>伽马：</translation>
    </message>
    <message>
      <source>How far organs and background may be moved, bent and tinted.</source>
      <translation>器官和背景可被移动、弯曲和改变灰度的程度。</translation>
    </message>
    <message>
      <source>How many synthetic slices the preview shows.</source>
      <translation>预览显示多少合成切片。</translation>
    </message>
    <message>
      <source>Longest shift:</source>
      <translation>最大平移：</translation>
    </message>
    <message>
      <source>Mirror left-right:</source>
      <translation>左右镜像：</translation>
    </message>
    <message>
      <source>Mirror top-bottom:</source>
      <translation>上下镜像：</translation>
    </message>
    <message>
      <source>On bone:</source>
      <translation>骨上：</translation>
    </message>
    <message>
      <source>Organs pasted:</source>
      <translation>粘贴的器官：</translation>
    </message>
    <message>
      <source>Outside the body:</source>
      <translation>身体之外：</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>预览</translation>
    </message>
    <message>
      <source>Put all transformations back to their defaults.</source>
      <translation>将所有变换恢复为默认值。</translation>
    </message>
    <message>
      <source>Reset to defaults</source>
      <translation>恢复默认值</translation>
    </message>
    <message>
      <source>Rotation:</source>
      <translation>旋转：</translation>
    </message>
    <message>
      <source>Seed:</source>
      <translation>随机种子：</translation>
    </message>
    <message>
      <source>Shift:</source>
      <translation>平移：</translation>
    </message>
    <message>
      <source>Show some synthetic slices beside their exemplars.</source>
      <translation>在范例旁显示一些合成切片。</translation>
    </message>
    <message>
      <source>Size:</source>
      <translation>大小：</translation>
    </message>
    <message>
      <source>Soft seam:</source>
      <translation>柔和接缝：</translation>
    </message>
    <message>
      <source>Synthetic slices:</source>
      <translation>合成切片：</translation>
    </message>
    <message>
      <source>Transformations</source>
      <translation>变换</translation>
    </message>
    <message>
      <source>Whole slices:</source>
      <translation>完整切片：</translation>
    </message>
  </context>
  <context>
    <name>TrainingStep</name>
    <message>
      <source> min</source>
      <translation> 分钟</translation>
    </message>
    <message>
      <source>Budget:</source>
      <translation>预算：</translation>
    </message>
    <message>
      <source>Estimated memory of the training, and what is free.</source>
      <translation>训练预计占用的内存及可用内存。</translation>
    </message>
    <message>
      <source>Go on with the stopped training of this name.</source>
      <translation>继续此名称的已停止训练。</translation>
    </message>
    <message>
      <source>Log of the training, at most a line a second.</source>
      <translation>训练日志，每秒最多一行。</translation>
    </message>
    <message>
      <source>Method:</source>
      <translation>方法：</translation>
    </message>
    <message>
      <source>Model:</source>
      <translation>模型：</translation>
    </message>
    <message>
      <source>Name of the new adapter</source>
      <translation>新适配器的名称</translation>
    </message>
    <message>
      <source>Name of the new adapter.</source>
      <translation>新适配器的名称。</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>名称：</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>没有正在运行的训练。</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>图表</translation>
    </message>
    <message>
      <source>Progress of the training.</source>
      <translation>训练进度。</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Show the plot of loss and Dice.</source>
      <translation>显示损失和 Dice 的图表。</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>开始</translation>
    </message>
    <message>
      <source>Start the training in a process of its own; Slicer stays usable.</source>
      <translation>在独立进程中开始训练；Slicer 仍可使用。</translation>
    </message>
    <message>
      <source>State of the training.</source>
      <translation>训练状态。</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>Train on synthetic slices too</source>
      <translation>也用合成切片训练</translation>
    </message>
    <message>
      <source>Validation:</source>
      <translation>验证：</translation>
    </message>
    <message>
      <source>Write a checkpoint and stop; the training can be resumed.</source>
      <translation>写入检查点并停止；训练可以继续。</translation>
    </message>
  </context>
  <context>
    <name>VolumesStep</name>
    <message>
      <source>All classes: only with an adapter that finds objects by itself. Words: only with one that was trained with texts. Prompts: each object that was clicked or boxed with the effect SAM Adapt in a segmentation of the volume is carried through it.</source>
      <translation>所有类别：仅适用于能自行找到对象的适配器。词语：仅适用于用文本训练的适配器。提示：在体数据的分割中用 SAM Adapt 效果点击或框选的每个对象都会在其中传播。</translation>
    </message>
    <message>
      <source>Find:</source>
      <translation>查找：</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>已找到</translation>
    </message>
    <message>
      <source>Make a table node of volumes in mL, mean values, slices and reasons, which Slicer saves with the scene or as .csv.</source>
      <translation>生成包含体积 (mL)、平均值、切片和原因的表格节点，Slicer 可随场景或以 .csv 保存。</translation>
    </message>
    <message>
      <source>Make a table of it</source>
      <translation>生成表格</translation>
    </message>
    <message>
      <source>Objects, with commas between them; each becomes a segment.</source>
      <translation>对象，以英文逗号 (,) 分隔；每个成为一个分段。</translation>
    </message>
    <message>
      <source>Put what was found in each volume that came from the DICOM database back into it, as a DICOM segmentation beside its series. It says whose it is, as the series does.</source>
      <translation>将在来自 DICOM 数据库的每个体数据中找到的内容，作为 DICOM 分割存回其序列旁。它与序列一样标明患者。</translation>
    </message>
    <message>
      <source>Save them as DICOM SEG</source>
      <translation>保存为 DICOM SEG</translation>
    </message>
    <message>
      <source>Segment all volumes</source>
      <translation>分割所有体数据</translation>
    </message>
    <message>
      <source>Segment one volume after the other beside the application, each into a segmentation of its own. One that fails costs no other. Stop leaves the one at hand as it is.</source>
      <translation>在应用程序之外逐个分割体数据，每个存入各自的分割。某个失败不影响其他。“停止”会使当前的保持原样。</translation>
    </message>
    <message>
      <source>State</source>
      <translation>状态</translation>
    </message>
    <message>
      <source>Volume</source>
      <translation>体数据</translation>
    </message>
    <message>
      <source>Volumes that are done.</source>
      <translation>已完成的体数据。</translation>
    </message>
    <message>
      <source>Volumes:</source>
      <translation>体数据：</translation>
    </message>
    <message>
      <source>What has become of each volume. Double-click one to see it with what was found.</source>
      <translation>每个体数据的结果。双击可连同找到的内容一起查看。</translation>
    </message>
    <message>
      <source>What is looked for, with the adapter that is in use (step 4).</source>
      <translation>用所使用的适配器（步骤 4）查找的内容。</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>哪些已保存到 DICOM 数据库，哪些没有。</translation>
    </message>
    <message>
      <source>Which of the loaded greyscale volumes are segmented. One that is seen together with another is no scan of its own.</source>
      <translation>分割哪些已加载的灰度体数据。与另一个一同查看的体数据不算单独的扫描。</translation>
    </message>
    <message>
      <source>Words:</source>
      <translation>词语：</translation>
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
      <translation>自动</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation>{name}（未找到）</translation>
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
      <translation>再次选择以下载，或选择其他模型</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation>正在获取模型：{done}</translation>
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation>正在获取模型：{done} / {total}</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation>模型 {title} 不在本计算机上</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation>模型 {title} 尚未在本计算机上。其权重大小为 {size}（许可证：{licence}）。只需下载一次并保留；中断的下载会从中断处继续。

现在下载吗？</translation>
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
      <translation>已安装的软件包无法加载 ({error})</translation>
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation>检查网络和可用空间后重试；应用程序日志中有更多信息</translation>
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation>从扩展管理器安装 PyTorch 扩展并重启应用程序</translation>
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation>请在测试之前安装软件包</translation>
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation>应用程序测试期间不安装任何内容</translation>
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation>安装后仍缺少软件包</translation>
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation>用于 NVIDIA 显卡的 PyTorch 则需要数 GB。</translation>
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation>正在下载并安装 Python 软件包。这需要几分钟。</translation>
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation>重启应用程序后重试；应用程序日志中有更多信息</translation>
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation>重启应用程序；如无效，请在 PyTorch Utils 模块中卸载 PyTorch，并为其他计算后端（如 cpu）重新安装</translation>
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation>SAM Adapt 需要 PyTorch，由 PyTorch 扩展安装</translation>
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation>SAM Adapt 需要尚未安装的 Python 软件包</translation>
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation>SAM Adapt 需要以下 Python 软件包：</translation>
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation>Python 软件包已在安装中</translation>
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation>安装失败 ({error})</translation>
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation>将下载并安装到 Slicer 的 Python 中。继续吗？</translation>
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation>共需约 {total} MB 磁盘空间。</translation>
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation>请重试并同意安装</translation>
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation>等待完成后再试</translation>
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation>发生意外错误：{error}

请重试。如再次出现，应用程序日志中有更多信息（帮助，报告错误）。</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} 小时 {minutes} 分钟</translation>
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
      <translation>请先选择基础模型或适配器</translation>
    </message>
    <message>
      <source>No model is chosen</source>
      <translation>未选择模型</translation>
    </message>
  </context>
  <context>
    <name>app.Polling</name>
    <message>
      <source>A newer request has replaced this one</source>
      <translation>已被较新的请求取代</translation>
    </message>
    <message>
      <source>Stopped on request</source>
      <translation>已按要求停止</translation>
    </message>
  </context>
  <context>
    <name>app.Settings</name>
    <message>
      <source>Cannot delete the embeddings ({error})</source>
      <translation>无法删除嵌入 ({error})</translation>
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation>检查文件夹的权限</translation>
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation>在“本计算机”中选择其令牌文件</translation>
    </message>
    <message>
      <source>The server needs a token</source>
      <translation>服务器需要令牌</translation>
    </message>
  </context>
  <context>
    <name>app.Titles</name>
    <message>
      <source>axial</source>
      <translation>横断面</translation>
    </message>
    <message>
      <source>coronal</source>
      <translation>冠状面</translation>
    </message>
    <message>
      <source>displayed</source>
      <translation>按显示</translation>
    </message>
    <message>
      <source>library</source>
      <translation>与库一致</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>矢状面</translation>
    </message>
  </context>
  <context>
    <name>app.Weights</name>
    <message>
      <source>Always the adapter's</source>
      <translation>始终用适配器的权重</translation>
    </message>
    <message>
      <source>Always the base model's</source>
      <translation>始终用基础模型的权重</translation>
    </message>
    <message>
      <source>Better ones for each prompt</source>
      <translation>每种提示用较优的权重</translation>
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
      <translation>请给出其内部的点</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation>在错误之处给出 points=[(R, A, S, 0)]</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>未给出提示</translation>
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation>请先分割其中一个切片</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>提示位于体数据之外</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation>分段为空：没有可修正的内容</translation>
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation>在 DICOM 模块中检查数据库；或保存为 .seg.nrrd</translation>
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation>用分割编辑器中源影像旁的按钮，将该体数据选为源几何</translation>
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation>在 DICOM 模块中重新导入其序列</translation>
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation>在扩展管理器中安装 Quantitative Reporting 并重启应用程序，或在 Python 控制台输入 slicer.util.pip_install("highdicom")</translation>
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation>在 DICOM 模块中加载其序列并对其分割；或将分割保存为 .seg.nrrd</translation>
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation>将两者置于同一变换之下，或从两者移除</translation>
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation>Quantitative Reporting 无法保存分割 ({told})</translation>
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation>保存为 DICOM SEG 需要 Quantitative Reporting 扩展或 Python 软件包 highdicom</translation>
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation>DICOM 数据库未接受该分割</translation>
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation>DICOM 数据库仅有该体数据 {total} 个文件中的 {there} 个</translation>
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation>应用程序日志中有更多信息；或保存为 .seg.nrrd</translation>
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation>该分割未说明是在哪个体数据上制作的</translation>
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation>分割与其体数据处于不同的变换之下</translation>
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation>该体数据不是从 DICOM 数据库加载的</translation>
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation>它不接受此分割</translation>
    </message>
    <message>
      <source>it wrote no file</source>
      <translation>它未写入文件</translation>
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation>请选择评估的表格</translation>
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation>请先评估一个分割</translation>
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation>SAM Adapt 评估</translation>
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation>表格中没有可绘制的数值</translation>
    </message>
    <message>
      <source>This table holds something else</source>
      <translation>此表格包含其他内容</translation>
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation>切片 {index} ({axis}) 已在范例库中，取代了先前的轮廓。</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation>切片 {index} ({axis}) 已在范例库中。</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation>切片 {index} ({axis}) 此前已在范例库中，轮廓相同。</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation>{count} 个切片已在范例库中，其中 {replaced} 个取代了先前的轮廓。</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation>{count} 个切片已在范例库中。</translation>
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation>为同一结构的分段取相同名称</translation>
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation>没有与参考中同名的分段</translation>
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation>请选择用文本训练的适配器</translation>
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation>用 SAM Adapt 效果在每个对象的一个切片上给出提示</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>请重新加载</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>请加载一个</translation>
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation>此体数据的分割都没有提示</translation>
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation>任何切片上均未找到</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>该体数据已不在场景中</translation>
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation>该体数据期间已从场景中移除</translation>
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation>没有可分割的体数据</translation>
    </message>
    <message>
      <source>This model reads no words</source>
      <translation>此模型不读取词语</translation>
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation>已在分割体数据</translation>
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation>请等待完成，或先停止</translation>
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation>无法传递体素 ({error})</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>请加载一个</translation>
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation>请腾出磁盘空间</translation>
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation>没有可选切片的体数据</translation>
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation>请给出一个，最多三个</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>未选择体数据</translation>
    </message>
  </context>
  <context>
    <name>console.SliceSegmentation</name>
    <message>
      <source>Choose one of {names}</source>
      <translation>请从 {names} 中选择</translation>
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation>要用适配器的权重，请以 weights='adapted' 激活</translation>
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation>一个对象请给出一个方框</translation>
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation>请给出其内部的点</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation>请给出 points=[(R, A, S, 1)] 或 box=((R, A, S), (R, A, S))</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>未给出提示</translation>
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation>请先分割一个切片，或选择提示的轴</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>提示位于体数据之外</translation>
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation>该分段尚未出现在任何切片上 ({axis})</translation>
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation>尝试用方框代替点、在邻近切片上再加一个提示，或使用适配器</translation>
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation>其中两个提示给出了方框</translation>
    </message>
    <message>
      <source>Unknown direction</source>
      <translation>未知方向</translation>
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation>{name}：传播立即结束：{reason}</translation>
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation>帧</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>体积 (mL)</translation>
    </message>
    <message>
      <source>{name} over time</source>
      <translation>{name} 随时间变化</translation>
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation>已有训练在运行</translation>
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation>请先在步骤 1 中添加一些切片</translation>
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation>在 Python 控制台中指明：fineTune(name=..., library=..., resume=True)</translation>
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation>没有此名称的已停止训练</translation>
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation>请开始训练，或给出已停止训练的名称</translation>
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation>库中没有已标注的范例</translation>
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation>该训练未说明以哪个库开始</translation>
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation>请等待完成，或先停止</translation>
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation>SAM Adapt 体数据</translation>
    </message>
  </context>
  <context>
    <name>edit.AlongTime</name>
    <message>
      <source>The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least (frame {other}).</source>
      <translation>分段出现在 {found}/{count} 帧中：最大 {most} mL（第 {frame} 帧），最小 {least} mL（第 {other} 帧）。</translation>
    </message>
    <message>
      <source>The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.</source>
      <translation>分段未能传播到其他帧。请放宽停止规则，或在其他帧上也添加提示。</translation>
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation>正在沿其他方向的切片进行修正</translation>
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>请先添加或选择一个分段</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>点击缺少之处,Ctrl+点击多余之处;框表示该切片上的全部内容。</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation>请先在一个切片上绘制，可用任何工具或提示</translation>
    </message>
    <message>
      <source>No segment is selected</source>
      <translation>未选择分段</translation>
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>没有变化：模型与现有内容一致。请点击错误之处，或画一个框。</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>切片 {index} 已更改。</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation>分段为空：没有可继续的内容</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>等待结束，或先停止</translation>
    </message>
    <message>
      <source>{count} slices changed, {first} to {last}.</source>
      <translation>{count} 个切片已更改，{first} 至 {last}。</translation>
    </message>
  </context>
  <context>
    <name>edit.Draft</name>
    <message>
      <source>Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.</source>
      <translation>显示第 {shown}/{count} 个掩膜，预计 IoU {iou}。按键 1 到 {count}：由小到大。</translation>
    </message>
  </context>
  <context>
    <name>edit.EffectController</name>
    <message>
      <source>Grown from the point, since this model knows boxes only: check it, or draw a box.</source>
      <translation>由点扩展而来，因为此模型只支持方框：请检查，或画一个方框。</translation>
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation>该处在体数据之外。请在图像上绘制。</translation>
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>该位置在体数据之外。请点击图像。</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation>模型在该处未找到任何内容。请在对象内添加点，或画方框围绕对象。</translation>
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation>此模型未用点训练，且此处没有突出的对象：请画方框。</translation>
    </message>
    <message>
      <source>This slice is accepted. Release it first, with Accept slice or the key K.</source>
      <translation>此切片已确认。请先用“确认切片”或 K 键解除。</translation>
    </message>
  </context>
  <context>
    <name>edit.Exemplars</name>
    <message>
      <source>A correction is under way, and the slice may change yet</source>
      <translation>正在修正，切片可能还会变化</translation>
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation>请点击标准方向的切片</translation>
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation>请先用点击修正一些，或添加显示的切片</translation>
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation>范例是体数据的完整切片</translation>
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation>此视图方向上没有带所选分段提示的切片</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>等待结束，或先停止</translation>
    </message>
  </context>
  <context>
    <name>edit.ModelUse</name>
    <message>
      <source>Python packages have to be installed first. Click into a slice view to install them.</source>
      <translation>需要先安装 Python 软件包。点击切片视图进行安装。</translation>
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation>模型 {title} ({size}) 尚未在本计算机上。点击切片视图进行下载。</translation>
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation>请先接受或放弃</translation>
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation>请先选择每帧一个分割</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>请先点击对象</translation>
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation>请转到包含它的切片</translation>
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation>请转到较早的一帧</translation>
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation>未选择体数据的切片</translation>
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation>分段不在此切片上</translation>
    </message>
    <message>
      <source>The segment is on this slice already. Mend it by clicks, or go on.</source>
      <translation>分段已在此切片上。请用点击修补，或继续。</translation>
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation>所有帧共用同一分割</translation>
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation>有未接受的提示</translation>
    </message>
    <message>
      <source>This is the last frame</source>
      <translation>这是最后一帧</translation>
    </message>
  </context>
  <context>
    <name>edit.Propagation</name>
    <message>
      <source>Choose a standard orientation, or rotate the view to the volume plane</source>
      <translation>请选择标准方向，或将视图旋转到体数据平面</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>请先点击对象</translation>
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>未选择切片</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation>提示旁的切片上未找到任何内容。请放宽停止规则或添加提示。</translation>
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation>传播立即结束：{reason}。尝试用方框代替点、在邻近切片上再加一个提示，或放宽停止规则。</translation>
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation>传播沿体数据自身的切片进行，而此视图与其倾斜</translation>
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation>请在此切片上设置提示，或转到已绘制该分段的切片</translation>
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>已写入切片 {index}。</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation>没有可传播的内容</translation>
    </message>
    <message>
      <source>{count} slices written, {first} to {last}.</source>
      <translation>已写入 {count} 个切片，{first} 到 {last}。</translation>
    </message>
  </context>
  <context>
    <name>edit.Reporting</name>
    <message>
      <source>Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. Change the editable area, the intensity range or the geometry.</source>
      <translation>未写入任何内容：蒙版排除了此处，或分割的几何范围未到此处。请更改可编辑区域、阈值范围或几何。</translation>
    </message>
  </context>
  <context>
    <name>edit.VolumeSegmentation</name>
    <message>
      <source>Found: {list}.</source>
      <translation>找到：{list}。</translation>
    </message>
    <message>
      <source>Nothing was found on any slice.</source>
      <translation>任何切片上均未找到。</translation>
    </message>
    <message>
      <source>{name} on {count} slices</source>
      <translation>{name}，{count} 个切片</translation>
    </message>
  </context>
  <context>
    <name>panel.AdapterStep</name>
    <message>
      <source>Adapter (*.zip)</source>
      <translation>适配器 (*.zip)</translation>
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation>从本计算机删除适配器 {name}？此操作无法撤销。</translation>
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation>留出切片上的 Dice：</translation>
    </message>
    <message>
      <source>Export adapter</source>
      <translation>导出适配器</translation>
    </message>
    <message>
      <source>Import adapter</source>
      <translation>导入适配器</translation>
    </message>
    <message>
      <source>In use: no adapter, base model {model}</source>
      <translation>使用中：无适配器，基础模型 {model}</translation>
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation>使用中：{name}，基于 {model}</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>名称：</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation>未选择参考</translation>
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>重命名适配器</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation>请在上方或作为参考选择另一个分割</translation>
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation>请选择视为正确的分割</translation>
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation>适配器正在使用：模型仍在加载</translation>
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation>该分割会与自身比较</translation>
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation>加载完成后再试</translation>
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation>等待 {name} 空闲</translation>
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation>适配后 {dice}</translation>
    </message>
    <message>
      <source>base {dice}</source>
      <translation>基础 {dice}</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>已损坏</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation>折中 {dice}</translation>
    </message>
    <message>
      <source>the adapter answers</source>
      <translation>由适配器回答</translation>
    </message>
    <message>
      <source>the base weights answer</source>
      <translation>由基础权重回答</translation>
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation>由折中权重回答</translation>
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation>{method}，基于 {base}，{steps} 步，{axis} 切片，灰度 {intensity}</translation>
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation>提示发送到 {server}。</translation>
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation>无法列出设备：{error}</translation>
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation>没有体数据带有可保存的分割</translation>
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>已保存到 DICOM 数据库：{count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation>请先分割体数据</translation>
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
      <translation>；{count} 个背景</translation>
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation>请在切片视图中选择该方向，并将视图旋转到体数据平面</translation>
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation>从库文件夹中删除 {count} 个范例？此操作无法撤销。</translation>
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation>体数据没有带标签的切片</translation>
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation>没有视图显示体数据的 {axis} 切片</translation>
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation>请先在分段中绘制</translation>
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>切片 {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation>库为空。添加一个已标注的切片即可开始。</translation>
    </message>
    <message>
      <source>background</source>
      <translation>背景</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>已损坏</translation>
    </message>
    <message>
      <source>none</source>
      <translation>无</translation>
    </message>
    <message>
      <source>{count} exemplars: {classes}</source>
      <translation>{count} 个范例：{classes}</translation>
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation>所有同类的</translation>
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation>请要求其他切片</translation>
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation>点击可在切片视图中显示此切片。</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>该体数据已不在场景中</translation>
    </message>
    <message>
      <source>This one only</source>
      <translation>仅此一个</translation>
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation>{number}. {volume}，{axis} 切片 {index}：{reason}</translation>
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation>据那里所述，获取时核对：{said}</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>浏览</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation>请浏览一个位置并选择其中的适配器</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>许可证：{licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation>未选择适配器</translation>
    </message>
    <message>
      <source>No place is given</source>
      <translation>未给出位置</translation>
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation>那里没有发布内容。</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>已发布的适配器</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation>请输入以 https:// 开头的地址或文件夹</translation>
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation>{method}，基于 {base}，{size}</translation>
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation>正在获取 {name}。</translation>
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation>{name} 现已在本计算机上。</translation>
    </message>
  </context>
  <context>
    <name>panel.SignedText</name>
    <message>
      <source>Not signed.</source>
      <translation>未签名。</translation>
    </message>
    <message>
      <source>Signed by a key that you have not said to trust: {fingerprint}.</source>
      <translation>由您未声明信任的密钥签名：{fingerprint}。</translation>
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation>由 {signer} 签名（密钥 {fingerprint}）。</translation>
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation>已签名但未核对：未安装 Python 软件包 cryptography。</translation>
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation>请重新打开 SAM Adapt 模块</translation>
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation>面板当前未显示场景</translation>
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation>单元 {number}/{count}：{row}。剩余约 {left}。</translation>
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation>请选择新的，或先前研究的文件夹</translation>
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation>请选择预设或文件 (TOML)</translation>
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation>请选择包含 image、labels、patient、split 列的表格 (CSV)</translation>
    </message>
    <message>
      <source>No description is chosen</source>
      <translation>未选择描述</translation>
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation>未选择输出文件夹</translation>
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation>未选择扫描</translation>
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation>没有网页浏览器能打开报告</translation>
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation>未完成。下次运行从这里继续。</translation>
    </message>
    <message>
      <source>Open this file in one</source>
      <translation>请在浏览器中打开此文件</translation>
    </message>
    <message>
      <source>The description is being read.</source>
      <translation>正在读取描述。</translation>
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation>正在读取扫描。</translation>
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation>正在读取扫描：{doing}。</translation>
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation>研究已完成：{count} 个单元。</translation>
    </message>
    <message>
      <source>a description of your own</source>
      <translation>您自己的描述</translation>
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation>{count} 个单元中有 {failed} 个失败，第一个：{error}。下次运行会重试。</translation>
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
      <translation>正在停止</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingPlot</name>
    <message>
      <source>Dice, held out</source>
      <translation>Dice，留出</translation>
    </message>
    <message>
      <source>Dice, training</source>
      <translation>Dice，训练</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation>损失，Dice</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation>{name} 验证</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingStep</name>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>Done: the adapter {name} is ready in step 4.</source>
      <translation>完成：适配器 {name} 可在步骤 4 中使用。</translation>
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>每位患者轮流</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation>正在估计内存 ...</translation>
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation>内存：{text}</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation>已继续 {name}</translation>
    </message>
    <message>
      <source>Started {name}</source>
      <translation>已开始 {name}</translation>
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation>正在启动；正在加载模型。</translation>
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation>第 {step}/{steps} 步：损失 {loss:.3f}，Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation>第 {step} 步：留出切片上的 Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation>在第一个检查点之前停止。</translation>
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation>已停止。“继续”从此处接着进行。</translation>
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation>正在停止；正在写入检查点。</translation>
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation>适配器还没有名称</translation>
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation>下载已停止。已下载的部分会保留；“开始”将继续下载。</translation>
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>{name} 的训练</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation>请为其输入名称</translation>
    </message>
    <message>
      <source>{percent} % of the patients</source>
      <translation>{percent} % 的患者</translation>
    </message>
    <message>
      <source>{text}, {left} left</source>
      <translation>{text}，剩余 {left}</translation>
    </message>
  </context>
  <context>
    <name>panel.VolumesStep</name>
    <message>
      <source>All that are loaded</source>
      <translation>所有已加载的</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>请重新加载</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>停止</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>该体数据已不在场景中</translation>
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation>没有要查找的词语</translation>
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>与上方体数据同类的</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation>请输入一些，例如：liver, left kidney</translation>
    </message>
    <message>
      <source>all classes of the adapter</source>
      <translation>适配器的所有类别</translation>
    </message>
    <message>
      <source>done</source>
      <translation>完成</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>失败</translation>
    </message>
    <message>
      <source>running</source>
      <translation>运行中</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>已停止</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>等待中</translation>
    </message>
    <message>
      <source>what has prompts</source>
      <translation>带提示的对象</translation>
    </message>
    <message>
      <source>what these words name</source>
      <translation>这些词语所指的对象</translation>
    </message>
    <message>
      <source>{count} pixels</source>
      <translation>{count} 像素</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation>体数据与分割之间存在使切片弯曲的变换</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>请选择分割中的一个分段</translation>
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation>请先固化变换 (Harden)，或将两者置于同一变换之下</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>没有该分段</translation>
    </message>
  </context>
  <context>
    <name>scene.ChannelChoice</name>
    <message>
      <source>Seen with:</source>
      <translation>一同查看：</translation>
    </message>
  </context>
  <context>
    <name>scene.Channels</name>
    <message>
      <source>Choose another one, or none</source>
      <translation>请选择另一个，或不选</translation>
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation>最多选择 {count} 个</translation>
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation>请给出一个，最多 {count} 个</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>未选择体数据</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation>此体数据会被查看两次</translation>
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation>{count} 个体数据一同</translation>
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>请将切片移入体数据</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>切片视图未显示该体数据</translation>
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>请将切片移入体数据</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>切片视图未显示该体数据</translation>
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation>请在 0 到 {last} 之间选择</translation>
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation>没有 {axis} 切片 {index}</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation>请添加一个分段</translation>
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation>请添加一个分段并在其中绘制</translation>
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation>请从现有的中选择：{names}</translation>
    </message>
    <message>
      <source>No segmentation is selected</source>
      <translation>未选择分割</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>没有该分段</translation>
    </message>
    <message>
      <source>Select or create a segmentation of the volume</source>
      <translation>请选择或创建该体数据的分割</translation>
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation>该分割没有分段</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation>彩色图像本身即占满各通道</translation>
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation>一个变换使 {further} 相对于 {first} 弯曲</translation>
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation>请调整体数据的窗宽和窗位</translation>
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation>请允许重采样，或选择另一个体数据</translation>
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation>请选择三维灰度体数据；必要时提取一个分量或时间点</translation>
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation>请选择灰度体数据</translation>
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation>请勿再选择其他体数据</translation>
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation>请固化变换 (Harden)，或将两个体数据都置于其下</translation>
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation>请加载图像并选为源影像</translation>
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation>请重新加载或选择另一个</translation>
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation>请以不含透明度的方式加载</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>未选择体数据</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation>图像的部分区域是透明的</translation>
    </message>
    <message>
      <source>Rename one of them</source>
      <translation>请重命名其中一个</translation>
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation>请显示它，或给出强度范围</translation>
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation>该体数据每个体素有 {count} 个值（向量或序列）</translation>
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation>该体数据不含图像</translation>
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation>该体数据未以灰度显示</translation>
    </message>
    <message>
      <source>This is not a volume</source>
      <translation>这不是体数据</translation>
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation>有两个名为 {name} 的分段</translation>
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation>{further} 与 {first} 的网格不同</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation>请选择其中一个分段</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>没有该分段</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentPrompts</name>
    <message>
      <source>A point or box lies beside the image</source>
      <translation>有点或方框在图像之外</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>请选择分割中的一个分段</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>没有该分段</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation>请指向图像所显示的部分</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>请选择分割中的一个分段</translation>
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation>请转换为二值标签图</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>没有该分段</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation>该分段无法编辑</translation>
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation>请将随时间变化的图像作为序列加载，并选择其体数据</translation>
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation>请停在带提示的那一帧</translation>
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation>序列未显示任何帧，或正在播放</translation>
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation>该体数据不属于序列</translation>
    </message>
  </context>
  <context>
    <name>view.CorrectionControls</name>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>未选择分段。请先添加或选择一个。</translation>
    </message>
    <message>
      <source>Slice {index} is accepted: nothing of SAM Adapt changes it.</source>
      <translation>切片 {index} 已确认：SAM Adapt 不再改变它。</translation>
    </message>
    <message>
      <source>Slice {index} is released.</source>
      <translation>切片 {index} 已解除。</translation>
    </message>
    <message>
      <source>Slices can be accepted once the correction has ended. Stop ends it.</source>
      <translation>修正结束后才能确认切片。“停止”可结束修正。</translation>
    </message>
  </context>
  <context>
    <name>view.EffectOptions</name>
    <message>
      <source>As displayed</source>
      <translation>按显示</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
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
      <translation>CT 软组织 (40/400)</translation>
    </message>
    <message>
      <source>Details: {details}</source>
      <translation>详情：{details}</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>最大</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>中等</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Only with a model that remembers other slices (SAM 2).</source>
      <translation>仅适用于能记住其他切片的模型 (SAM 2)。</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation>仅适用于能自行找到对象的适配器（方法 sammix，或 head=classes 的 lora）。</translation>
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation>仅适用于用文本训练的适配器（带文本模型的方法 msa）。</translation>
    </message>
    <message>
      <source>Percentiles (0.5/99.5)</source>
      <translation>百分位数 (0.5/99.5)</translation>
    </message>
    <message>
      <source>Smallest</source>
      <translation>最小</translation>
    </message>
    <message>
      <source>The model is not loaded yet.</source>
      <translation>模型尚未加载。</translation>
    </message>
  </context>
  <context>
    <name>view.FrameChoice</name>
    <message>
      <source>Carries the segment from this frame along time to all others, earlier and later, slice by slice, and there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from themselves. Each frame is written when it is found; undo does not reach back to it.</source>
      <translation>将分段从此帧沿时间逐层传播到所有其他帧（之前和之后），并在那里传播到相邻切片。带提示或修正的帧保持不变，并作为新的起点。每帧找到后即写入；撤销无法恢复这些帧。</translation>
    </message>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation>现在每帧都有各自的分割。绘制的内容保留在所显示的帧中。</translation>
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>每帧一个分割</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation>显示下一帧，并以此切片上分段的方框（适当扩大）作为其提示；接受或修补结果，然后继续。</translation>
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation>该体数据是序列中的一帧，而所有帧共用同一分割。之后每帧各有自己的分割及其提示：现有内容保留在此帧，其他帧从空分段开始。</translation>
    </message>
    <message>
      <source>To all frames</source>
      <translation>到所有帧</translation>
    </message>
    <message>
      <source>To the next frame</source>
      <translation>到下一帧</translation>
    </message>
  </context>
  <context>
    <name>view.Shortcuts</name>
    <message>
      <source>1 to 3</source>
      <translation>1 到 3</translation>
    </message>
    <message>
      <source>Backspace</source>
      <translation>退格</translation>
    </message>
    <message>
      <source>Ctrl + drag</source>
      <translation>Ctrl + 拖动</translation>
    </message>
    <message>
      <source>Ctrl + left-click</source>
      <translation>Ctrl + 左键单击</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>回车</translation>
    </message>
    <message>
      <source>Escape</source>
      <translation>Esc</translation>
    </message>
    <message>
      <source>Left-button drag</source>
      <translation>左键拖动</translation>
    </message>
    <message>
      <source>Left-click</source>
      <translation>左键单击</translation>
    </message>
    <message>
      <source>Left-click where it was carried to</source>
      <translation>在传播到的位置左键单击</translation>
    </message>
    <message>
      <source>a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself</source>
      <translation>围绕对象的方框；“涂画”为其上的线，“套索”为自动闭合的围线</translation>
    </message>
    <message>
      <source>a point on the object</source>
      <translation>对象上的一个点</translation>
    </message>
    <message>
      <source>a point that does not belong to it; so does the button Background</source>
      <translation>不属于对象的点；“背景”按钮亦可</translation>
    </message>
    <message>
      <source>accept the preview</source>
      <translation>接受预览</translation>
    </message>
    <message>
      <source>accept the preview and add the slice to the exemplars, also in the place of its earlier labels</source>
      <translation>接受预览并将切片加入范例，也可取代先前的标签</translation>
    </message>
    <message>
      <source>accept this slice as it is, so that no correction changes it; once more: release it</source>
      <translation>按现状确认此切片，任何修正都不再改变它；再按一次：解除</translation>
    </message>
    <message>
      <source>as long as it is held: show what a click at the mouse would give; nothing of it is kept</source>
      <translation>按住时：显示在鼠标处点击的结果；不保留</translation>
    </message>
    <message>
      <source>drags are scribbles, lassos; once more: boxes again</source>
      <translation>拖动为涂画、套索；再按：恢复方框</translation>
    </message>
    <message>
      <source>drop the preview</source>
      <translation>放弃预览</translation>
    </message>
    <message>
      <source>mends the segment there, and on the slices beside as far as that changes them</source>
      <translation>修补该处的分段，并修补相邻切片，直到不再引起变化</translation>
    </message>
    <message>
      <source>of the masks that one click may mean, the smallest to the largest; 0: the one trusted most</source>
      <translation>一次点击可能表示的掩膜，从最小到最大；0：最可信者</translation>
    </message>
    <message>
      <source>show this list</source>
      <translation>显示此列表</translation>
    </message>
    <message>
      <source>take the last point, box or line back</source>
      <translation>撤回最后的点、方框或线</translation>
    </message>
    <message>
      <source>the previous, the next slice of this view that has prompts, or of which the model was not sure</source>
      <translation>此视图中上一个、下一个有提示或模型不确定的切片</translation>
    </message>
    <message>
      <source>with Scribble: a line over what does not belong to the object</source>
      <translation>“涂画”时：画过不属于对象之处的线</translation>
    </message>
  </context>
  <context>
    <name>view.SliceTour</name>
    <message>
      <source>Axial</source>
      <translation>横断面</translation>
    </message>
    <message>
      <source>Click to show this slice. The bar is the overlap (IoU) that the model expects.</source>
      <translation>点击显示此切片。横条为模型预计的重叠 (IoU)。</translation>
    </message>
    <message>
      <source>Coronal</source>
      <translation>冠状面</translation>
    </message>
    <message>
      <source>No further slice with prompts or doubt this way.</source>
      <translation>此方向没有更多带提示或存疑的切片。</translation>
    </message>
    <message>
      <source>Sagittal</source>
      <translation>矢状面</translation>
    </message>
    <message>
      <source>This view is oblique to the volume's own slices.</source>
      <translation>此视图与体数据自身的切片倾斜。</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>已确认</translation>
    </message>
    <message>
      <source>nothing kept</source>
      <translation>未保留</translation>
    </message>
    <message>
      <source>prompts</source>
      <translation>提示</translation>
    </message>
  </context>
  <context>
    <name>worker.InferenceSession</name>
    <message>
      <source>Choose a volume first</source>
      <translation>请先选择体数据</translation>
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation>退出代码 {code}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>未选择体数据</translation>
    </message>
  </context>
  <context>
    <name>worker.TrainingSession</name>
    <message>
      <source>checking on the held-out patients</source>
      <translation>正在留出的患者上检验</translation>
    </message>
    <message>
      <source>final check, and writing the result</source>
      <translation>最终检查并写入结果</translation>
    </message>
    <message>
      <source>loading the base model</source>
      <translation>正在加载基础模型</translation>
    </message>
    <message>
      <source>reading the exemplars</source>
      <translation>正在读取范例</translation>
    </message>
    <message>
      <source>reading the images</source>
      <translation>正在读取图像</translation>
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation>每次留出一位患者进行短训练，以在该患者上比较</translation>
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>正在尝试最初的步骤</translation>
    </message>
  </context>
</TS>
