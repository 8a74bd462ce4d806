"""Texts to prompt tokens, with a small CLIP beside its own library's way of running it."""

import copy
import fnmatch
import shutil

import huggingface_hub
import pytest
import torch

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.text import PLACE, TextEncoder, TextPrompter, text_model_folder, text_tokens, text_width
from Testing.clip import HIDDEN, LIMIT, TOKENS, WIDTH, make_clip
from Testing.tiny import build

pytestmark = pytest.mark.slow

FRAME = ModelFrame((40, 60), 64)
BOX, POINT, MASK = [20, 6, 50, 30], [[30, 16]], torch.linspace(-6, 6, 256).view(16, 16).numpy()


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clip") / "model")


@pytest.fixture
def copied(clip, tmp_path):
    return shutil.copytree(clip, tmp_path / "model")


@pytest.fixture(scope="module")
def model(clip):
    made = build("vit-64")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made.sam.text_prompter = TextPrompter(str(clip), WIDTH, 3, 256)
    return made


@pytest.fixture(scope="module")
def embedding():
    return torch.randn(1, 256, 4, 4, generator=torch.Generator().manual_seed(0))


def answers(model, embedding, *prompts):
    with torch.no_grad():
        return decode(model, embedding, prompts, FRAME)[0]


def ids(*words):
    return torch.tensor([[TOKENS.index(token) for token in ("<start>", *words, "<end>")]])


@pytest.mark.parametrize(
    "text, words",
    [
        ("disc", ["disc</w>"]),
        ("  The\nDISC ", ["t", "h", "e</w>", "disc</w>"]),
        ("left_bean", ["l", "e", "f", "t</w>", "b", "e", "a", "n</w>"]),
    ],
)
def test_a_text_is_what_clip_itself_makes_of_it(clip, text, words):
    ensure_torchvision()
    from transformers import CLIPTextModelWithProjection

    reference = CLIPTextModelWithProjection.from_pretrained(clip, local_files_only=True).eval()
    with torch.no_grad():
        wanted = reference(input_ids=ids(*words)).text_embeds[0]
    encoder = TextEncoder(str(clip))
    got = encoder(text)
    assert got.shape == wanted.shape == (WIDTH,) and not got.requires_grad
    assert (got - wanted).abs().max() < 1e-5 * wanted.abs().max()
    assert encoder.width == text_width(str(clip)) == WIDTH != HIDDEN


def test_the_hash_is_that_of_the_text_part(clip, tmp_path):
    encoder = TextEncoder(str(clip))
    whole = TextEncoder(str(make_clip(tmp_path / "whole", images=True)), encoder.sha256)
    assert whole.sha256 == encoder.sha256 and len(encoder.sha256) == 64
    assert torch.equal(whole("bean"), encoder("bean")) and text_width(str(tmp_path / "whole")) == WIDTH
    other = make_clip(tmp_path / "other", seed=1)
    with pytest.raises(InputError, match=f"instead of {encoder.sha256[:12]}.*{other}.*Put the model"):
        TextEncoder(str(other), encoder.sha256)


def test_texts_of_the_right_length_only(clip):
    encoder = TextEncoder(str(clip))
    assert encoder.limit == LIMIT
    # A word is a token here, and both ends are two.
    encoder("disc " * (LIMIT - 2))
    with pytest.raises(InputError, match=f"{LIMIT + 1} tokens, CLIP takes {LIMIT}: disc.*Use fewer words"):
        encoder("disc " * (LIMIT - 1))
    for empty in ("", " \n", "__"):
        with pytest.raises(InputError, match="empty.*Name what is to be segmented"):
            encoder(empty)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "merges.txt"])
def test_a_folder_that_lacks_a_file(copied, name):
    (copied / name).unlink()
    for use in (TextEncoder, text_width):
        with pytest.raises(InputError, match=f"lacks .*{name}.*{copied}.*save_pretrained"):
            use(str(copied))


def test_weights_that_are_no_safetensors_are_left_alone(copied):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(InputError, match="lacks model.safetensors"):
        TextEncoder(str(copied))


def test_weights_that_are_something_else(copied):
    from safetensors.torch import load_file, save_file

    # Copies: tensors that are mapped to a file go with it.
    state = {name: tensor.clone() for name, tensor in load_file(copied / "model.safetensors").items()}
    (copied / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(InputError, match=str(copied)):
        TextEncoder(str(copied))
    with pytest.raises(InputError, match=str(copied)):
        text_width(str(copied))
    layers = {name: tensor for name, tensor in state.items() if "layers.1" not in name}
    save_file(layers, copied / "model.safetensors")
    with pytest.raises(InputError, match="16 tensors are missing, first 'text_model.encoder.layers.1"):
        TextEncoder(str(copied))
    # What CLIPTextModel alone writes has no projection, and a random one in its place would be worth nothing.
    save_file({n: t for n, t in state.items() if n != "text_projection.weight"}, copied / "model.safetensors")
    for use in (TextEncoder, text_width):
        with pytest.raises(InputError, match="holds no text_projection.weight"):
            use(str(copied))
    save_file(state | {"text_projection.weight": torch.zeros(WIDTH, HIDDEN + 1)}, copied / "model.safetensors")
    with pytest.raises(InputError, match="do not fit each other.*text_projection"):
        TextEncoder(str(copied))


def test_a_hub_id_is_looked_for_at_home_first(clip, monkeypatch):
    asked = []

    def snapshot(name, allow_patterns, local_files_only):
        asked.append(local_files_only)
        for file in ("config.json", "model.safetensors", "vocab.json", "merges.txt", "tokenizer.json"):
            assert any(fnmatch.fnmatch(file, pattern) for pattern in allow_patterns)
        for file in ("pytorch_model.bin", "model.pt", "flax_model.msgpack", "modeling_clip.py"):
            assert not any(fnmatch.fnmatch(file, pattern) for pattern in allow_patterns)
        if local_files_only or name != "some/clip":
            raise huggingface_hub.errors.LocalEntryNotFoundError("no such thing\nand more")
        return str(clip)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert text_model_folder("some/clip") == clip and asked == [True, False]
    with pytest.raises(InputError, match=r"hub \(no such thing\): other/clip. Name a folder.*connect to the network"):
        TextEncoder("other/clip")


def test_what_cannot_even_be_a_hub_id(tmp_path):
    for use in (TextEncoder, text_width):
        with pytest.raises(InputError, match=f"neither a folder.*{tmp_path / 'gone'}.*{PLACE}"):
            use(str(tmp_path / "gone"))


def test_the_environment_says_where_a_model_of_another_machine_lies(clip, tmp_path, monkeypatch):
    monkeypatch.setenv(PLACE, str(clip))
    assert text_model_folder(str(tmp_path / "gone")) == clip


def test_only_the_projection_is_part_of_the_module(clip, model):
    prompter = model.sam.text_prompter
    prompter(["disc"])
    assert {n: tuple(p.shape) for n, p in prompter.named_parameters()} == {
        "projection.weight": (3 * 256, WIDTH),
        "projection.bias": (3 * 256,),
    }
    assert prompter.state_dict().keys() == {"projection.weight", "projection.bias"}
    added = model.sam.state_dict().keys() - build("vit-64").sam.state_dict().keys()
    assert added == {"text_prompter.projection.weight", "text_prompter.projection.bias"}


def test_tokens_are_the_projected_embedding_at_the_size_of_sams_own(clip, model):
    prompter = model.sam.text_prompter
    with torch.no_grad():
        tokens = text_tokens(model.sam, ["disc", "bean", "disc"])
        raw = TextEncoder(str(clip))("bean")
        scaled = raw / raw.square().mean().sqrt()
        wanted = (prompter.projection.weight @ scaled + prompter.projection.bias).view(3, 256)
    assert tokens.shape == (3, 3, 256) and (tokens[1] - wanted).abs().max() < 1e-5
    assert torch.equal(tokens[0], tokens[2]) and (tokens[0] - tokens[1]).abs().max() > 0.1
    # Tokens that were alike would stay alike.
    assert (tokens[0, 0] - tokens[0, 1]).abs().max() > 0.1


def test_clip_reads_each_text_once(clip, monkeypatch):
    read, call = [], TextEncoder.__call__
    monkeypatch.setattr(TextEncoder, "__call__", lambda self, text: read.append(text) or call(self, text))
    prompter = TextPrompter(str(clip), WIDTH, 1, 256)
    for _ in range(2):
        prompter(["disc", "bean", "disc"])
    assert read == ["disc", "bean"]


def test_a_text_met_in_inference_can_be_learnt_from(clip):
    prompter = TextPrompter(str(clip), WIDTH, 1, 256)
    with torch.inference_mode():
        prompter(["disc"])
    prompter(["disc"]).square().mean().backward()
    assert prompter.projection.weight.grad.abs().max() > 0
    assert torch.equal(copy.deepcopy(prompter)(["bean"]), prompter(["bean"]))


def test_text_tokens_follow_those_of_the_other_prompts(model, embedding):
    """The decoder called by hand with the tokens in a row."""
    sam = model.sam
    with torch.no_grad():
        corners = torch.from_numpy(FRAME.points_to_model([[20, 6], [50, 30]])).float().view(1, 4)
        sparse, dense = sam.prompt_encoder(None, corners, None)
        tokens = torch.cat([sparse, sam.text_prompter(["disc"])], dim=1)
        wanted, _ = sam.mask_decoder(embedding, sam.prompt_encoder.get_dense_pe(), tokens, dense, False)
    assert sparse.shape == (1, 2, 256) and tokens.shape == (1, 5, 256)
    got = answers(model, embedding, Prompt(box=BOX, text="disc"))
    assert (got - wanted).abs().max() < 1e-5
    assert (got - answers(model, embedding, Prompt(box=BOX))).abs().max() > 1e-3


def test_prompts_of_every_form_answer_together_as_alone(model, embedding):
    prompts = [
        Prompt(box=BOX),
        Prompt(text="disc"),
        Prompt(POINT, [1], text="disc"),
        Prompt(text="bean"),
        Prompt(POINT, [1]),
        Prompt(box=BOX, mask_logits=MASK, text="bean"),
        Prompt(mask_logits=MASK, text="disc"),
        Prompt(text="the disc"),
    ]
    together = answers(model, embedding, *prompts)
    assert together.shape == (8, 1, 16, 16)
    for row, prompt in enumerate(prompts):
        assert (answers(model, embedding, prompt)[0] - together[row]).abs().max() < 1e-5
    distances = (together[:, None] - together).abs().amax((2, 3, 4)) + torch.eye(8)
    assert distances.min() > 1e-4


def test_prompts_without_text_are_not_touched(model, embedding):
    prompts = [Prompt(box=BOX), Prompt(POINT, [1]), Prompt(box=BOX, mask_logits=MASK)]
    assert torch.equal(answers(model, embedding, *prompts), answers(build("vit-64"), embedding, *prompts))


def test_a_model_that_knows_no_texts_says_how_to_get_one(embedding):
    assert not Prompt(text="disc").empty and Prompt().empty
    with pytest.raises(InputError, match="knows no text prompts: disc. Give points.*finetune --method msa"):
        answers(build("vit-64"), embedding, Prompt(text="disc"))
